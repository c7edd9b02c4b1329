"""Calls that services of AWS make for a caller or a role, decided by IAM and recorded as such.

The engine asks IAM at its front door only. A patch asks through here for what a
service does behind it, so that the decision is recorded as the role's own call.
"""

import contextvars
import logging

log = logging.getLogger("ministack")


def denied(access_key: str, action: str, resource: str, conditions: dict | None = None):
    """What IAM says against a caller's call, None where it allows the call."""
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_region

    return iam_evaluator.enforce(access_key, action, action.partition(":")[0], get_region(),
                                 resource_arn=resource, service_context=conditions or {})


def role_denied(role: str, session: str, action: str, resource: str, conditions: dict | None = None) -> str:
    """Why a role may not make a call that a service makes with it, "" where it may.

    session is the name that AWS gives the role's session.
    """
    from ministack.core import iam_evaluator, lambda_runtime
    from ministack.core.responses import get_account_id, get_region

    account, region = get_account_id(), get_region()

    def ask():
        # A service's own thread has no request: what follows is the role's own call.
        iam_evaluator._anonymous.set(False)
        iam_evaluator._signed_request.set(None)
        iam_evaluator.pin_request_origin("", True)  # services use TLS
        key = lambda_runtime.execution_credentials({
            "Role": role, "FunctionArn": f"arn:aws:lambda:{region}:{account}:function:{session}", "FunctionName": session})
        return denied(key["AWS_ACCESS_KEY_ID"], action, resource, conditions)

    outcome = contextvars.copy_context().run(ask)
    if outcome is None:
        return ""
    log.error("%s, session %s, may not %s on %s", role, session, action, resource)
    return f"{role} is not authorized to perform: {action} on resource: {resource}"


def function_denied(config: dict, action: str, resource: str, conditions: dict | None = None) -> str:
    """Why a function's role may not make a call that Lambda makes for the function, "" where it may."""
    return role_denied(config.get("Role", ""), config["FunctionName"], action, resource, conditions)


def key_conditions(service: str, encryption: dict) -> dict:
    """The condition keys of a call to KMS that a service makes."""
    from ministack.core.responses import get_account_id, get_region

    return {"kms:ViaService": f"{service}.{get_region()}.amazonaws.com", "kms:CallerAccount": get_account_id(),
            **{f"kms:EncryptionContext:{name}": value for name, value in encryption.items()}}


def customer_key(key: str | None) -> str:
    """The ARN of a customer-managed key, "" for no key and for AWS managed keys, whose policies let the account in."""
    from ministack.services import kms

    record = kms._resolve_key(key) if key else None
    return record["Arn"] if record else ""


def key_lets_service(key: str, service: str, source: str, encryption: dict, actions=("kms:GenerateDataKey", "kms:Decrypt")) -> bool:
    """Whether a key's policy lets a service use the key for a resource of this account."""
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import kms

    account = get_account_id()
    return all(iam_evaluator.evaluate_resource_policy(kms._resolve_key(key).get("Policy"), iam_evaluator.EvalContext(
        principal_arn=service, principal_type="Service", principal_account=account, action=action, resource_arn=key,
        region=get_region(), service_context={"aws:sourcearn": source, "aws:sourceaccount": account, "kms:calleraccount": account,
                                              **{f"kms:encryptioncontext:{name}": value for name, value in encryption.items()}}),
        service=service).decision == "Allow"
               for action in actions)
