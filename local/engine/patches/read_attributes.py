"""Limit an ID token to the attributes that its client may read.

AWS: an ID token has the user's attributes that are in the client's
ReadAttributes, or all attributes when the client has no ReadAttributes.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
Engine 1.5.33: stores ReadAttributes and puts every attribute into the token.
Delete when _fake_token reads ReadAttributes.
"""

import functools

from patches import expect


def apply() -> None:
    from ministack.services import cognito

    make = cognito._fake_token
    expect("read_attributes", make, "for k, v in user_attrs.items(): if k == \"sub\": continue")

    @functools.wraps(make)
    def readable(sub, pool_id, client_id, token_type="access", *args, user_attrs=None, **kwargs):
        client = (cognito._user_pools.get(pool_id) or {}).get("_clients", {}).get(client_id) or {}
        if user_attrs and client.get("ReadAttributes"):
            user_attrs = {name: value for name, value in user_attrs.items() if name in client["ReadAttributes"]}
        return make(sub, pool_id, client_id, token_type, *args, user_attrs=user_attrs, **kwargs)

    cognito._fake_token = readable
