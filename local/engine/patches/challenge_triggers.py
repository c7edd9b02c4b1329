"""Run the triggers of custom challenges as AWS does.

AWS: Cognito invokes a trigger only when the function's policy allows
cognito-idp.amazonaws.com for the pool. The event has the stored username, the
user's status among the attributes, and ClientMetadata only after the first
answer. A failing trigger ends the call with UserLambdaValidationException. With
PreventUserExistenceErrors an unknown user gets a challenge too (userNotFound)
and never gets tokens. A session is valid for one answer of its own user. An
unconfirmed user gets no session.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
Engine 1.5.33: ignores the function's policy, passes the username as the caller
spelt it, reveals unknown users, accepts unconfirmed users, accepts answers of
any user any number of times, answers with other errors, and adds fields to the
event of VerifyAuthChallengeResponse.
Delete each part when the engine does what AWS does.
"""

import base64
import contextvars
import functools
import json
import secrets

from patches import expect
from patches.invoke_permission import permitted

SERVICE = "cognito-idp.amazonaws.com"
TRIGGERS = {"DefineAuthChallenge": "define_auth_challenge", "CreateAuthChallenge": "create_auth_challenge",
            "VerifyAuthChallengeResponse": "verify_auth_challenge"}
# True while a challenge for a client that hides unknown users is opened or answered.
hides_unknown: contextvars.ContextVar[bool] = contextvars.ContextVar("hides_unknown", default=False)


def unknown_user(username: str) -> dict:
    return {"Username": username, "Attributes": [], "Enabled": True, "UserStatus": "", "_unknown": True}


def as_sent(event: dict, session: dict, user: dict) -> dict:
    """Return the event with the fields that AWS sends."""
    request = {**event["request"], "userNotFound": bool(user.get("_unknown"))}
    if not user.get("_unknown"):
        request["userAttributes"] = {**request["userAttributes"], "cognito:user_status": user["UserStatus"]}
    if not session["challenges"]:  # AWS passes ClientMetadata of InitiateAuth to other triggers only
        request.pop("clientMetadata")
    if "challengeAnswer" in request:
        for key in ("session", "challengeName", "publicChallengeParameters"):
            request.pop(key)
    return {**event, "userName": session["username"], "request": request}


def answered(result: dict):
    """Return the function's decoded result, or None when it is not JSON."""
    body = result.get("body")
    try:
        return json.loads(body) if isinstance(body, (str, bytes)) else body
    except ValueError:
        return None


class Challenges:
    """Replacements of the engine's functions for custom challenges."""

    def __init__(self, cognito, functions, refuse):
        self.cognito, self.functions, self.refuse = cognito, functions, refuse
        self.resolve, self.continue_auth = cognito._resolve_user, cognito._continue_custom_auth_after_define
        self.open_session = cognito._create_challenge_session

    def find(self, pool: dict, username):
        """Return the user, or a placeholder user when the client hides unknown users."""
        user, error = self.resolve(pool, username)
        return (unknown_user(username), None) if error and username and hides_unknown.get() else (user, error)

    def open(self, pool_id: str, client_id: str, username: str):
        user, _ = self.find(self.cognito._user_pools[pool_id], username)
        return self.open_session(pool_id, client_id, user["Username"] if user else username)

    def decide(self, token, session, user, user_attrs, client_metadata, defined):
        """Continue after DefineAuthChallenge; an unknown user never gets tokens."""
        if user.get("_unknown") and defined and (defined.get("response") or {}).get("issueTokens"):
            defined = {"response": {"failAuthentication": True}}
        return self.continue_auth(token, session, user, user_attrs, client_metadata, defined)

    def invoker(self, trigger: str, build):
        def invoke(pool_id, client_id, username, user_attrs, session, *rest):
            user, _ = self.find(self.cognito._user_pools[pool_id], username)
            event = build(pool_id, client_id, username, user_attrs, session, *rest)
            return self.invoke(trigger, pool_id, as_sent(event, session, user))
        return invoke

    def invoke(self, trigger: str, pool_id: str, event: dict):
        """Return the trigger's result or an error; neither when the pool has no such trigger."""
        function = (self.cognito._user_pools[pool_id].get("LambdaConfig") or {}).get(trigger)
        if not function:
            return None, None
        record, config, _ = self.functions._get_func_record_for_ref(function)
        if not record or not permitted(SERVICE, function, self.cognito._pool_arn(pool_id)):
            return None, self.refuse("UnexpectedLambdaException",
                                     f"{trigger} invocation failed due to error AccessDeniedException.", 400)
        result = self.functions._execute_function_with_config_scope(
            self.functions._execution_record_for_config(record, config), event)
        body = answered(result)
        if result.get("error"):
            said = body.get("errorMessage", "") if isinstance(body, dict) else ""
            return None, self.refuse("UserLambdaValidationException", f"{trigger} failed with error {said}.", 400)
        if not isinstance(body, dict) or not isinstance(body.get("response"), dict):
            return None, self.refuse("InvalidLambdaResponseException", "Unrecognizable lambda output", 400)
        return body, None

    def pool_of(self, data: dict):
        if "UserPoolId" in data:
            return self.cognito._user_pools.get(data["UserPoolId"])
        return self.cognito._pool_for_client(data.get("ClientId"))[0]

    def handled(self, handler, data: dict, pool: dict):
        hides = hides_unknown.set(self.cognito._hides_user_existence(pool, data.get("ClientId")))
        try:
            return handler(data)
        finally:
            hides_unknown.reset(hides)

    def initiates(self, handler):
        @functools.wraps(handler)
        def handle(data):
            pool = self.pool_of(data)
            if data.get("AuthFlow") != "CUSTOM_AUTH" or not pool:
                return handler(data)
            user, _ = self.resolve(pool, (data.get("AuthParameters") or {}).get("USERNAME"))
            if user and user.get("Enabled", True) and user.get("UserStatus") == "UNCONFIRMED":
                return self.refuse("UserNotConfirmedException", "User is not confirmed.", 400)
            return self.handled(handler, data, pool)
        return handle

    def responds(self, handler):
        @functools.wraps(handler)
        def handle(data):
            pool = self.pool_of(data)
            if data.get("ChallengeName") != "CUSTOM_CHALLENGE" or not pool:
                return handler(data)
            sessions, name = self.cognito._challenge_sessions, (data.get("ChallengeResponses") or {}).get("USERNAME")
            if not name:
                return self.refuse("InvalidParameterException", "Missing required parameter USERNAME", 400)
            user, _ = self.resolve(pool, name)
            session = sessions.get(data.get("Session"))
            mine = session and session["username"] == (user["Username"] if user else name)
            if not mine or self.cognito._awaits_password_proof(session) or not sessions.pop(data["Session"], None):
                return self.refuse("NotAuthorizedException", "Invalid session for the user.", 400)
            renewed = base64.b64encode(secrets.token_bytes(32)).decode()
            sessions[renewed] = session
            answer = self.handled(handler, {**data, "Session": renewed}, pool)
            if answer[0] >= 400:
                sessions.pop(renewed, None)
            return answer
        return handle


def apply() -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import cognito, lambda_svc

    for kind in TRIGGERS.values():
        expect("challenge_triggers", getattr(cognito, f"_invoke_{kind}_trigger"),
               f"_build_{kind}_event(", "lambda_svc._execute_function(record, event)")
    for handler in (cognito._initiate_auth, cognito._admin_initiate_auth):
        expect("challenge_triggers", handler, "token, session = _create_challenge_session(pid, cid, username)")
    for handler in (cognito._respond_to_auth_challenge, cognito._admin_respond_to_auth_challenge):
        expect("challenge_triggers", handler, "session, err = _get_challenge_session(token)")
    expect("challenge_triggers", cognito._continue_custom_auth_after_define, 'if define_resp.get("issueTokens")')

    challenges = Challenges(cognito, lambda_svc, error_response_json)
    for trigger, kind in TRIGGERS.items():
        build = getattr(cognito, f"_build_{kind}_event")
        setattr(cognito, f"_invoke_{kind}_trigger", challenges.invoker(trigger, build))
    cognito._resolve_user, cognito._create_challenge_session = challenges.find, challenges.open
    cognito._continue_custom_auth_after_define = challenges.decide
    cognito._initiate_auth = challenges.initiates(cognito._initiate_auth)
    cognito._admin_initiate_auth = challenges.initiates(cognito._admin_initiate_auth)
    cognito._respond_to_auth_challenge = challenges.responds(cognito._respond_to_auth_challenge)
    cognito._admin_respond_to_auth_challenge = challenges.responds(cognito._admin_respond_to_auth_challenge)
