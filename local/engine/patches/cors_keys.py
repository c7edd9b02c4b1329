"""Apply the CORS settings of an HTTP API from a template.

AWS: CloudFormation spells the settings AllowOrigins, AllowMethods, …
Engine 1.5.33: stores that spelling but reads allowOrigins, allowMethods, …, so
no origin matches and every preflight answers 403.
Delete when the engine stores the template's settings in the API's spelling.
"""

from patches import expect

TYPE = "AWS::ApiGatewayV2::Api"


def as_api(props: dict) -> dict:
    """Return the template's properties with the CORS settings in the API's spelling."""
    cors = props.get("CorsConfiguration")
    if not cors:
        return props
    numbers = {"MaxAge": int}  # a template may have numbers as strings
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
