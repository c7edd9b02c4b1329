"""Ignore the case of usernames and aliases, and refuse a sign-in with a sub.

AWS: a pool with CaseSensitive false stores usernames in lower case. Any spelling
of the username or of an e-mail alias finds the user. Operations on users accept
the sub in place of the username; a sign-in does not.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-case-sensitivity.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html
Engine 1.5.33: stores UsernameConfiguration and compares names exactly, so "Ada"
and "ada" are two users. A sign-in accepts a sub.
Delete when _resolve_user reads UsernameConfiguration and a sign-in refuses a sub.
"""

import contextvars
import functools

from patches import expect

signing_in: contextvars.ContextVar[bool] = contextvars.ContextVar("signing_in", default=False)


def case_insensitive(pool: dict) -> bool:
    sensitive = (pool.get("UsernameConfiguration") or {}).get("CaseSensitive", True)
    return str(sensitive).lower() == "false"


def aliases(pool: dict, attributes: dict) -> list[str]:
    names = [*(pool.get("UsernameAttributes") or []), *(pool.get("AliasAttributes") or [])]
    return [attributes[name] for name in names if attributes.get(name)]


def apply() -> None:
    from ministack.services import cognito

    resolve = cognito._resolve_user
    expect("usernames", resolve, 'user = pool["_users"].get(username)', 'if attrs.get("sub") == username: return u, None')
    expect("usernames", cognito._create_user_pool, 'pool["UsernameConfiguration"] = data["UsernameConfiguration"]')
    expect("usernames", cognito._dispatch_idp, '"SignUp": _sign_up', '"AdminCreateUser": _admin_create_user')

    def attributes_of(user: dict) -> dict:
        return cognito._attr_list_to_dict(user.get("Attributes", []))

    def in_any_case(pool: dict, username: str):
        user, error = resolve(pool, username.lower())
        if user:
            return user, None
        for candidate in list(pool["_users"].values()):
            for alias in aliases(pool, attributes_of(candidate)):
                if alias.lower() == username.lower():
                    return resolve(pool, alias)
        return None, error

    def find(pool: dict, username):
        if username is None:
            return resolve(pool, username)
        user, error = in_any_case(pool, username) if case_insensitive(pool) else resolve(pool, username)
        by_sub = user and user["Username"] != username and attributes_of(user).get("sub") == username
        if by_sub and signing_in.get():
            return resolve(pool, None)
        return user, error

    def signs_in(handler):
        @functools.wraps(handler)
        def handle(data):
            token = signing_in.set(True)
            try:
                return handler(data)
            finally:
                signing_in.reset(token)
        return handle

    def creates(handler, pool_of):
        @functools.wraps(handler)
        def handle(data):
            pool = pool_of(data)
            if pool and case_insensitive(pool) and data.get("Username"):
                data = {**data, "Username": data["Username"].lower()}
            return handler(data)
        return handle

    cognito._resolve_user = find
    cognito._initiate_auth = signs_in(cognito._initiate_auth)
    cognito._admin_initiate_auth = signs_in(cognito._admin_initiate_auth)
    cognito._sign_up = creates(cognito._sign_up, lambda data: cognito._pool_for_client(data.get("ClientId"))[0])
    cognito._admin_create_user = creates(
        cognito._admin_create_user, lambda data: cognito._user_pools.get(data.get("UserPoolId")))
