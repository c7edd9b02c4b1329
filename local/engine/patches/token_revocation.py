"""Revoke only refresh tokens, and only for the client they were issued to.

AWS: RevokeToken answers UnsupportedTokenTypeException for an access or ID token,
and UnauthorizedException for a refresh token of another client.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html
Engine 1.5.33: accepts any token from any client.
Delete when _revoke_token reads the claims first.
"""

import functools

from patches import expect


def apply() -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import cognito

    revoke = cognito._revoke_token
    expect("token_revocation", revoke, "if token: _revoked_tokens.add(token)")

    @functools.wraps(revoke)
    def revoked_by_its_client(data):
        claims = cognito._token_claims(data.get("Token", ""))
        if claims.get("token_use") in ("access", "id"):
            return error_response_json("UnsupportedTokenTypeException",
                                       "This operation isn't supported for this token type.", 400)
        if claims and claims.get("client_id") != data.get("ClientId"):
            return error_response_json("UnauthorizedException", "Refresh Token has different Client", 400)
        return revoke(data)

    cognito._revoke_token = revoked_by_its_client
