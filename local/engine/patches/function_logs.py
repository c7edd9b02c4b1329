"""Authorize the writes to a function's log by the function's role.

AWS: the role needs logs:CreateLogStream and logs:PutLogEvents on the function's
log group; without them Lambda discards the lines.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
Engine 1.5.33: writes the lines for every role, so the permission looks unused and
a missing permission goes unnoticed.
Delete when the engine authorizes the write.
"""

import contextvars

from patches import expect

ACTIONS = ("logs:CreateLogStream", "logs:PutLogEvents")


def apply() -> None:
    from ministack.core import iam_evaluator, lambda_runtime
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import lambda_svc

    emit = lambda_svc._emit_lambda_logs
    expect("function_logs", emit, 'group_name = logging_cfg.get("LogGroup") or f"/aws/lambda/{fn_name}"')

    def allowed(config: dict) -> bool:
        # The request that invoked the function may be anonymous; its role makes this call.
        iam_evaluator._anonymous.set(False)
        iam_evaluator._signed_request.set(None)
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
        stream = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:log-stream:{config['Version']}"
        key = lambda_runtime.execution_credentials(config)["AWS_ACCESS_KEY_ID"]
        return not any(iam_evaluator.enforce(key, action, "logs", get_region(), resource_arn=stream)
                       for action in ACTIONS)

    def guarded(func, *args, **kwargs):
        if contextvars.copy_context().run(allowed, func.get("config") or func):
            emit(func, *args, **kwargs)

    lambda_svc._emit_lambda_logs = guarded
