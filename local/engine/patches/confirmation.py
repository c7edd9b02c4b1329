"""Confirm accounts as AWS does.

AWS: ConfirmSignUp marks the e-mail address verified, because the code came by
e-mail; AdminConfirmSignUp leaves it unverified. AdminConfirmSignUp and
ResendConfirmationCode refuse an account that is already confirmed.
https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
Engine 1.5.33: ConfirmSignUp leaves the address unverified, AdminConfirmSignUp
confirms any account, and ResendConfirmationCode sends to any account.
Delete when _confirm_sign_up sets email_verified and the others check the status.
"""

import functools

from patches import expect


def apply() -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import cognito

    confirm, confirm_as_admin, resend = (
        cognito._confirm_sign_up, cognito._admin_confirm_sign_up, cognito._resend_confirmation_code)
    expect("confirmation", confirm, 'user["UserStatus"] = "CONFIRMED" user["UserLastModifiedDate"] = _now_epoch() '
                                    "return json_response({})")
    expect("confirmation", confirm_as_admin, 'if err: return err user["UserStatus"] = "CONFIRMED"')
    expect("confirmation", resend, 'code = user.get("_confirmation_code") or "123456"')

    def user_at(pool, data):
        return cognito._resolve_user(pool, data.get("Username"))[0] if pool else None

    @functools.wraps(confirm)
    def confirmed_by_code(data):
        answer = confirm(data)
        pool, _ = cognito._pool_for_client(data.get("ClientId"))
        user = user_at(pool, data)
        if answer[0] < 400 and user and "email" in (pool.get("AutoVerifiedAttributes") or []):
            user["Attributes"] = cognito._merge_attributes(
                user["Attributes"], [{"Name": "email_verified", "Value": "true"}])
        return answer

    @functools.wraps(confirm_as_admin)
    def confirmed_if_unconfirmed(data):
        user = user_at(cognito._user_pools.get(data.get("UserPoolId")), data)
        if user and user["UserStatus"] != "UNCONFIRMED":
            return error_response_json("NotAuthorizedException", "User cannot be confirmed. Current status is "
                                       f"{user['UserStatus']}", 400)
        return confirm_as_admin(data)

    @functools.wraps(resend)
    def sent_if_unconfirmed(data):
        user = user_at(cognito._pool_for_client(data.get("ClientId"))[0], data)
        if user and user["UserStatus"] != "UNCONFIRMED":
            return error_response_json("InvalidParameterException", "User is already confirmed.", 400)
        return resend(data)

    cognito._confirm_sign_up, cognito._admin_confirm_sign_up, cognito._resend_confirmation_code = (
        confirmed_by_code, confirmed_if_unconfirmed, sent_if_unconfirmed)
