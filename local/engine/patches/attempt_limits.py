"""Limit attempts at passwords and codes.

AWS: the fifth wrong password locks the user for a second. Each further one locks
for twice as long, up to 15 minutes; a locked user cannot sign in even with the
right password. A user can request and try codes a few times an hour; for some
operations the limit is between 5 and 20, by risk.
https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html
https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
Engine 1.5.33: has no limits. The patch applies the lower end of each range,
which is the only limit that an app can rely on.
Delete when the engine counts wrong passwords and wrong codes.
"""

import functools
import time

from patches import expect

HOUR = 3600
CALLS_AN_HOUR = {"ForgotPassword": 5, "ConfirmForgotPassword": 5, "ResendConfirmationCode": 5, "ConfirmSignUp": 15}
FREE_FAILURES, MAX_LOCK, RESET_AFTER = 5, 900, 900
WRONG_PASSWORD = "Incorrect username or password."


class Lock:
    """The wrong passwords of one user."""

    def __init__(self):
        self.failures, self.until, self.last = 0, 0.0, 0.0

    def locked(self, now: float) -> bool:
        if now - self.last > RESET_AFTER:
            self.failures = 0
        return now < self.until

    def failed(self, now: float) -> None:
        self.failures, self.last = self.failures + 1, now
        if self.failures >= FREE_FAILURES:
            self.until = now + min(2 ** (self.failures - FREE_FAILURES), MAX_LOCK)


def apply() -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import cognito

    run = cognito._run_idp_handler
    expect("attempt_limits", run, "_confirmation_code_error(action, data)", "return handler(data)")
    for handler in (cognito._initiate_auth, cognito._admin_initiate_auth):
        expect("attempt_limits", handler, f'"NotAuthorizedException", "{WRONG_PASSWORD}"')
    calls: dict[tuple, list[float]] = {}
    locks: dict[tuple, Lock] = {}

    def key(pool: dict, username: str) -> tuple:
        user, _ = cognito._resolve_user(pool, username)
        return pool["Id"], user["Username"] if user else username

    def too_many(action: str, data: dict) -> bool:
        pool, _ = cognito._pool_for_client(data.get("ClientId"))
        if action not in CALLS_AN_HOUR or not pool or not data.get("Username"):
            return False
        now, made = time.time(), calls.setdefault((action, *key(pool, data["Username"])), [])
        made[:] = [then for then in made if then > now - HOUR]
        made.append(now)
        return len(made) > CALLS_AN_HOUR[action]

    @functools.wraps(run)
    def limited(handler, action, data):
        if too_many(action, data):
            return error_response_json("LimitExceededException",
                                       "Attempt limit exceeded, please try after some time.", 400)
        return run(handler, action, data)

    def locking(handler, pool_of):
        @functools.wraps(handler)
        def handle(data):
            pool, parameters = pool_of(data), data.get("AuthParameters") or {}
            if not pool or "PASSWORD" not in parameters or not parameters.get("USERNAME"):
                return handler(data)
            lock = locks.setdefault(key(pool, parameters["USERNAME"]), Lock())
            if lock.locked(time.time()):
                return error_response_json("NotAuthorizedException", "Password attempts exceeded", 400)
            answer = handler(data)
            if answer[0] < 400:
                lock.failures = 0
            elif WRONG_PASSWORD.encode() in answer[2]:
                lock.failed(time.time())
            return answer
        return handle

    cognito._run_idp_handler = limited
    cognito._initiate_auth = locking(
        cognito._initiate_auth, lambda data: cognito._pool_for_client(data.get("ClientId"))[0])
    cognito._admin_initiate_auth = locking(
        cognito._admin_initiate_auth, lambda data: cognito._user_pools.get(data.get("UserPoolId")))
