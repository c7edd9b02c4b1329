"""Keep auth_time when tokens are refreshed.

AWS: auth_time is the time of the sign-in, in every token of the session.
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
Engine 1.5.33: auth_time is the time the token was issued, so a refresh looks
like a new session. The iat of the refresh token is the time of the sign-in.
Delete when _refresh_auth_result keeps auth_time.
"""

import contextvars
import functools

from patches import expect

# The time of the sign-in during a refresh, None otherwise.
signed_in_at: contextvars.ContextVar = contextvars.ContextVar("signed_in_at", default=None)


def apply() -> None:
    from ministack.services import cognito

    renew, finish = cognito._refresh_auth_result, cognito._apply_pretoken_trigger
    expect("auth_time", cognito._fake_token, 'claims["auth_time"] = now', "claims = _apply_pretoken_trigger(")
    expect("auth_time", renew, "_build_auth_result(")

    @functools.wraps(renew)
    def renewed(pool, pid, cid, refresh_token):
        token = signed_in_at.set(cognito._token_claims(refresh_token).get("iat"))
        try:
            return renew(pool, pid, cid, refresh_token)
        finally:
            signed_in_at.reset(token)

    @functools.wraps(finish)
    def finished(*args, claims, **kwargs):
        if signed_in_at.get() is not None:
            claims = {**claims, "auth_time": signed_in_at.get()}
        return finish(*args, claims=claims, **kwargs)

    cognito._refresh_auth_result, cognito._apply_pretoken_trigger = renewed, finished
