"""CORS of an HTTP API works when it comes from a template.

AWS: CloudFormation spells the settings AllowOrigins, AllowMethods, …
Engine 1.5.33: keeps that spelling but reads allowOrigins, allowMethods, …, so
no origin ever matches and every preflight answers 403.
Can go when the template's settings are stored as the API spells them.
"""

from patches import expect

TYPE = "AWS::ApiGatewayV2::Api"


def as_api(props: dict) -> dict:
    """The template's properties with CORS settings spelled as the API spells them."""
    cors = props.get("CorsConfiguration")
    if not cors:
        return props
    numbers = {"MaxAge": int}  # a template may carry them as strings
    return {**props, "CorsConfiguration": {
        key[0].lower() + key[1:]: numbers.get(key, lambda v: v)(value) for key, value in cors.items()}}


def apply() -> None:
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS[TYPE]
    create, update = handlers["create"], handlers["update"]
    expect("cors_keys", create, 'api["corsConfiguration"] = props["CorsConfiguration"]')
    expect("cors_keys", update, 'payload["corsConfiguration"] = new_props["CorsConfiguration"]')
    handlers["create"] = lambda logical_id, props, stack: create(logical_id, as_api(props), stack)
    handlers["update"] = lambda physical_id, old, new, stack, logical_id=None: update(
        physical_id, as_api(old), as_api(new), stack, logical_id)
