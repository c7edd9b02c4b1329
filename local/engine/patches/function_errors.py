"""A function that fails behind the API shows nothing of itself.

AWS: an HTTP API answers 500 {"message":"Internal Server Error"} when the
function errs, crashes or times out.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
Engine 1.5.33: answers 502 with the function's error type and message.
Can go when the shared result mapping answers as an HTTP API does. (A REST API
does answer 502; the project has none.)
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
