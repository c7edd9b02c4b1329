"""Custom challenges are defined, made and judged by the pool's triggers as on AWS.

AWS: a trigger is invoked where its policy lets cognito-idp.amazonaws.com invoke
it for the pool; its event has the stored name, the status among the attributes,
and ClientMetadata from the answer on only; a failing one ends the call with
UserLambdaValidationException. With PreventUserExistenceErrors an unknown user is
challenged too (userNotFound) and never gets tokens. A session is good for one
answer of the user it was opened for, and an unconfirmed user opens none.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
Engine 1.5.33: asks no policy, passes what the caller called the user, tells
that a user is unknown, lets an unconfirmed one in, takes any user's answer any
number of times, and has other errors and more in the verifying event.
Can go, part by part, when the engine does these.
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
# Whether an unknown name stands for a user while a challenge is opened or answered.
may_be_nobody: contextvars.ContextVar[bool] = contextvars.ContextVar("may_be_nobody", default=False)


def nobody(username: str) -> dict:
    return {"Username": username, "Attributes": [], "Enabled": True, "UserStatus": "", "_nobody": True}


def as_sent(event: dict, session: dict, user: dict) -> dict:
    """The event with what AWS puts into it."""
    request = {**event["request"], "userNotFound": bool(user.get("_nobody"))}
    if not user.get("_nobody"):
        request["userAttributes"] = {**request["userAttributes"], "cognito:user_status": user["UserStatus"]}
    if not session["challenges"]:  # ClientMetadata of InitiateAuth is for other triggers
        request.pop("clientMetadata")
    if "challengeAnswer" in request:
        for key in ("session", "challengeName", "publicChallengeParameters"):
            request.pop(key)
    return {**event, "userName": session["username"], "request": request}


def answered(result: dict):
    """What the function returned, None where that is no JSON."""
    body = result.get("body")
    try:
        return json.loads(body) if isinstance(body, (str, bytes)) else body
    except ValueError:
        return None


class Challenges:
    """The engine's custom challenges, with what they differ in from AWS in its place."""

    def __init__(self, cognito, functions, refuse):
        self.cognito, self.functions, self.refuse = cognito, functions, refuse
        self.resolve, self.go_on = cognito._resolve_user, cognito._continue_custom_auth_after_define
        self.open_session = cognito._create_challenge_session

    def find(self, pool: dict, username):
        """The user, or nobody where that is to look the same."""
        user, error = self.resolve(pool, username)
        return (nobody(username), None) if error and username and may_be_nobody.get() else (user, error)

    def open(self, pool_id: str, client_id: str, username: str):
        user, _ = self.find(self.cognito._user_pools[pool_id], username)
        return self.open_session(pool_id, client_id, user["Username"] if user else username)

    def decide(self, token, session, user, user_attrs, client_metadata, defined):
        """Go on after DefineAuthChallenge, which cannot give tokens to nobody."""
        if user.get("_nobody") and defined and (defined.get("response") or {}).get("issueTokens"):
            defined = {"response": {"failAuthentication": True}}
        return self.go_on(token, session, user, user_attrs, client_metadata, defined)

    def invoker(self, trigger: str, build):
        def invoke(pool_id, client_id, username, user_attrs, session, *rest):
            user, _ = self.find(self.cognito._user_pools[pool_id], username)
            event = build(pool_id, client_id, username, user_attrs, session, *rest)
            return self.invoke(trigger, pool_id, as_sent(event, session, user))
        return invoke

    def invoke(self, trigger: str, pool_id: str, event: dict):
        """The trigger's answer or an error; neither where the pool has no such trigger."""
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
        hides = may_be_nobody.set(self.cognito._hides_user_existence(pool, data.get("ClientId")))
        try:
            return handler(data)
        finally:
            may_be_nobody.reset(hides)

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
