"""Send password reset codes only to users who may reset the password.

AWS: sends the code to a verified address. For a user without one and for a
disabled user, AWS sends no code: a client with PreventUserExistenceErrors gets the
usual response, another client gets an error. A user with a temporary password is
refused. The code of a disabled user counts as wrong.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ForgotPassword.html
Engine 1.5.33: sends a code to every user and accepts it.
Delete when _forgot_password checks the user.
"""

import functools

from patches import expect

NO_ADDRESS = "Cannot reset password for the user as there is no registered/verified email or phone_number"


def apply() -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import cognito

    forgot, reset = cognito._forgot_password, cognito._confirm_forgot_password
    expect("password_reset", forgot, 'code = "654321" user["_reset_code"] = code')
    expect("password_reset", reset, 'user.pop("_reset_code", None)')

    def user_of(data: dict):
        pool, _ = cognito._pool_for_client(data.get("ClientId"))
        return pool, cognito._resolve_user(pool, data.get("Username"))[0] if pool else None

    def refusal(user: dict) -> tuple | None:
        verified = cognito._attr_list_to_dict(user["Attributes"]).get("email_verified")
        if not user.get("Enabled", True):
            return error_response_json("NotAuthorizedException", "User is disabled.", 400)
        if str(verified).lower() != "true":
            return error_response_json("InvalidParameterException", NO_ADDRESS, 400)
        return None

    @functools.wraps(forgot)
    def sent_if_possible(data):
        pool, user = user_of(data)
        if user and user["UserStatus"] == "FORCE_CHANGE_PASSWORD":
            return error_response_json("NotAuthorizedException",
                                       "User password cannot be reset in the current state.", 400)
        if user and (refused := refusal(user)):
            hides = cognito._hides_user_existence(pool, data.get("ClientId"))
            return cognito._code_delivery_response(cognito._masked_destination(data["Username"])) if hides else refused
        return forgot(data)

    @functools.wraps(reset)
    def reset_if_enabled(data):
        pool, user = user_of(data)
        if not user or user.get("Enabled", True):
            return reset(data)
        if cognito._hides_user_existence(pool, data.get("ClientId")):
            return error_response_json("CodeMismatchException",
                                       "Invalid verification code provided, please try again.", 400)
        return refusal(user)

    cognito._forgot_password, cognito._confirm_forgot_password = sent_if_possible, reset_if_enabled
