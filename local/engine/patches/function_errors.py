"""Answer 500 without details when a function behind an HTTP API fails.

AWS: an HTTP API answers 500 {"message":"Internal Server Error"} when the
function returns an error, crashes or times out.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
Engine 1.5.33: answers 502 with the function's error type and message.
Delete when the engine's result mapping answers 500 for an HTTP API. (A REST API
answers 502; the project has none.)
"""

import json

from patches import expect

ANSWER = {
    "statusCode": 500,
    "headers": {"Content-Type": "application/json"},
    "body": json.dumps({"message": "Internal Server Error"}),
}


def apply() -> None:
    from ministack.services import lambda_svc

    answer = lambda_svc.lambda_execute_result_to_api_proxy_response
    expect("function_errors", answer, 'if exec_result.get("error"):', '"statusCode": 502')

    def patched(result: dict):
        if result.get("error") and not result.get("throttle"):
            return dict(ANSWER), None
        return answer(result)

    lambda_svc.lambda_execute_result_to_api_proxy_response = patched
