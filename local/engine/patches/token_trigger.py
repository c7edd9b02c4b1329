"""Issue no tokens when the PreTokenGeneration trigger fails or must not be invoked.

AWS: Cognito invokes the trigger only when the function's policy allows
cognito-idp.amazonaws.com for the pool. A failing trigger ends the call.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
Engine 1.5.33: ignores the policy, and issues tokens without the trigger's changes
when the trigger fails. (It also invokes the trigger once for each token; AWS
invokes it once for both.)
Delete when _apply_pretoken_trigger does both.
"""

import functools
import os

from patches import expect
from patches.challenge_triggers import SERVICE, answered
from patches.invoke_permission import permitted

HANDLERS = ("_initiate_auth", "_admin_initiate_auth", "_respond_to_auth_challenge",
            "_admin_respond_to_auth_challenge", "_get_tokens_from_refresh_token")


class Refused(Exception):
    """Stops the issue of tokens; the arguments are the arguments of error_response_json."""


def apply() -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import cognito, lambda_svc

    issue, execute = cognito._apply_pretoken_trigger, lambda_svc._execute_function_with_config_scope
    expect("token_trigger", issue, 'cfg.get("PreTokenGenerationConfig") or {}', "MINISTACK_COGNITO_PRETOKEN_STRICT",
           "_execute_function_with_config_scope(exec_record, event)", 'raise RuntimeError(f"PreTokenGeneration error:')
    os.environ["MINISTACK_COGNITO_PRETOKEN_STRICT"] = "1"

    @functools.wraps(issue)
    def issued(pool_id, **rest):
        pool = cognito._user_pools.get(pool_id) or {}
        function = ((pool.get("LambdaConfig") or {}).get("PreTokenGenerationConfig") or {}).get("LambdaArn")
        if function and not permitted(SERVICE, function, cognito._pool_arn(pool_id)):
            raise Refused("UnexpectedLambdaException",
                          "PreTokenGeneration invocation failed due to error AccessDeniedException.", 400)
        return issue(pool_id=pool_id, **rest)

    def executed(record, event):
        result = execute(record, event)
        source = event.get("triggerSource") if isinstance(event, dict) else None
        if str(source).startswith("TokenGeneration_") and result.get("error"):
            said = answered(result)
            said = said.get("errorMessage", "") if isinstance(said, dict) else ""
            raise Refused("UserLambdaValidationException", f"PreTokenGeneration failed with error {said}.", 400)
        return result

    def refusing(handler):
        @functools.wraps(handler)
        def handle(data):
            try:
                return handler(data)
            except Refused as refused:
                return error_response_json(*refused.args)
        return handle

    cognito._apply_pretoken_trigger, lambda_svc._execute_function_with_config_scope = issued, executed
    for name in HANDLERS:
        setattr(cognito, name, refusing(getattr(cognito, name)))
