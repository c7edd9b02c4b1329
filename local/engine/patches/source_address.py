"""Pass the source IP of a request to the function.

AWS: requestContext.http.sourceIp is the source IP of the connection to the API.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
Engine 1.5.33: sourceIp is always 127.0.0.1. Clients connect to the edge, which
appends the source IP of the connection to X-Forwarded-For.
Delete when _invoke_lambda_proxy reads the source IP of the connection.
"""

import functools

from patches import expect

UNKNOWN = "127.0.0.1"


def with_source(event):
    """Return the event with the source IP that the edge added; other events unchanged."""
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
