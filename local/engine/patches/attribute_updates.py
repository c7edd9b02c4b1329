"""Reset email_verified on a new e-mail address, and protect it and sub.

AWS: a new e-mail address is unverified unless an administrator sets
email_verified in the same call. Users cannot set email_verified. The sub cannot
change.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUpdateUserAttributes.html
Engine 1.5.33: merges all given attributes, so a new address stays verified.
Delete when the operations check the attributes that they merge.
"""

import functools

from patches import expect

VERIFIED = "email_verified"


def apply() -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import cognito

    as_admin, as_user = cognito._admin_update_user_attributes, cognito._update_user_attributes
    for handler in (as_admin, as_user):
        expect("attribute_updates", handler, 'user["Attributes"] = _merge_attributes(')

    def user_of(data: dict):
        if "AccessToken" in data:
            return cognito._user_pool_for_access_token(data["AccessToken"])[0]
        pool = cognito._user_pools.get(data.get("UserPoolId"))
        return cognito._resolve_user(pool, data.get("Username"))[0] if pool else None

    def checked(handler, may_verify: bool):
        @functools.wraps(handler)
        def handle(data):
            user, updates = user_of(data), cognito._attr_list_to_dict(data.get("UserAttributes", []))
            if "sub" in updates or (VERIFIED in updates and not may_verify):
                name = "sub" if "sub" in updates else VERIFIED
                return error_response_json("InvalidParameterException",
                                           f"Cannot modify the non-mutable attribute {name}", 400)
            before = cognito._attr_list_to_dict(user["Attributes"]) if user else {}
            if "email" in updates and updates["email"] != before.get("email") and VERIFIED not in updates:
                data = {**data, "UserAttributes": [*data["UserAttributes"], {"Name": VERIFIED, "Value": "false"}]}
            return handler(data)
        return handle

    cognito._admin_update_user_attributes = checked(as_admin, may_verify=True)
    cognito._update_user_attributes = checked(as_user, may_verify=False)
