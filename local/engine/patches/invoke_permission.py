"""Invoke a function for a service only when the function's policy allows it.

AWS: an HTTP API answers 500 without an AWS::Lambda::Permission for
apigateway.amazonaws.com whose SourceArn covers the route. The source of the route
$default is API/STAGE/$default, without a method:
https://github.com/aws/serverless-application-model/issues/1860
https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
Engine 1.5.33: ignores the policy.
Delete when _invoke_lambda_proxy evaluates it.
"""

import json
import logging

from patches import expect

ANSWER = 500, {"Content-Type": "application/json"}, json.dumps({"message": "Internal Server Error"}).encode()


def permitted(service: str, function_arn: str, source_arn: str) -> bool:
    """Return whether the function's policy allows the service to invoke it for the source."""
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import lambda_svc

    region, account = source_arn.split(":")[3:5]
    region, account = region or get_region(), account or get_account_id()  # a bucket's ARN has neither
    policy, _ = lambda_svc.function_policy_for_arn(function_arn) or ({}, account)
    context = iam_evaluator.EvalContext(
        principal_arn=service, principal_type="Service", principal_account=account,
        action="lambda:InvokeFunction", resource_arn=function_arn, region=region,
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": account})
    return iam_evaluator.evaluate_resource_policy(policy, context, service=service).decision == "Allow"


def apply() -> None:
    from ministack.services import apigateway

    invoke = apigateway._invoke_lambda_proxy
    expect("invoke_permission", invoke, "lambda_ref = _extract_lambda_ref_from_integration_uri(")

    async def guarded(integration, api_id, stage, path, method, headers, body, query, route_key, path_params,
                      *, owner_account_id, owner_region, **rest):
        function_arn = apigateway._extract_lambda_ref_from_integration_uri(integration.get("integrationUri", ""))
        route = "$default" if route_key == "$default" else method + route_key.partition(" ")[2]
        source = f"arn:aws:execute-api:{owner_region}:{owner_account_id}:{api_id}/{stage}/{route}"
        if not permitted("apigateway.amazonaws.com", function_arn, source):
            logging.getLogger("ministack").error("%s may not invoke %s: its policy does not allow it",
                                                 source, function_arn)
            return ANSWER
        return await invoke(integration, api_id, stage, path, method, headers, body, query, route_key, path_params,
                            owner_account_id=owner_account_id, owner_region=owner_region, **rest)

    apigateway._invoke_lambda_proxy = guarded
