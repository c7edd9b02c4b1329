"""Require the client secret for GetTokensFromRefreshToken.

AWS: GetTokensFromRefreshToken refuses a call without the secret of a client that
has one.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetTokensFromRefreshToken.html
Engine 1.5.33: checks the secret hash in other operations, but no secret here.
Delete when _get_tokens_from_refresh_token reads ClientSecret.
"""

import functools
import hmac

from patches import Outdated, expect


def apply() -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import cognito

    renew = cognito._get_tokens_from_refresh_token
    expect("client_secret", renew, "_refresh_auth_result(pool, pid, cid, refresh_token)")
    if "GetTokensFromRefreshToken" in cognito._SECRET_HASH_PARAMETERS:
        raise Outdated("client_secret", "it checks the secret itself")

    @functools.wraps(renew)
    def renewed_for_its_client(data):
        pool, _ = cognito._pool_for_client(data.get("ClientId"))
        secret = ((pool or {}).get("_clients", {}).get(data.get("ClientId")) or {}).get("ClientSecret")
        if secret and not hmac.compare_digest(secret.encode(), str(data.get("ClientSecret", "")).encode()):
            return error_response_json("NotAuthorizedException", "Unable to verify the client secret.", 400)
        return renew(data)

    cognito._get_tokens_from_refresh_token = renewed_for_its_client
