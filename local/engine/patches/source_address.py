"""An HTTP API tells a function the address that the request came from.

AWS: requestContext.http.sourceIp is the address of the connection to the API.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
Engine 1.5.33: it is always 127.0.0.1. The edge, which every client connects to,
adds the address of the connection to X-Forwarded-For, as its last entry.
Can go when _invoke_lambda_proxy reads the address of the connection.
"""

import functools

from patches import expect

UNKNOWN = "127.0.0.1"


def with_source(event):
    """The event with the address that the edge added; any other event as it is."""
    http = (event.get("requestContext") or {}).get("http") if isinstance(event, dict) else None
    forwarded = event.get("headers", {}).get("x-forwarded-for") if http else None
    if not forwarded or http.get("sourceIp") != UNKNOWN:
        return event
    http = {**http, "sourceIp": forwarded.split(",")[-1].strip()}
    return {**event, "requestContext": {**event["requestContext"], "http": http}}


def apply() -> None:
    from ministack.services import apigateway, lambda_svc

    expect("source_address", apigateway._invoke_lambda_proxy, f'"sourceIp": "{UNKNOWN}"',
           "lambda_svc._execute_function_with_config_scope, exec_record, event")
    execute = lambda_svc._execute_function_with_config_scope

    @functools.wraps(execute)
    def executed(record, event, *args, **kwargs):
        return execute(record, with_source(event), *args, **kwargs)

    lambda_svc._execute_function_with_config_scope = executed
