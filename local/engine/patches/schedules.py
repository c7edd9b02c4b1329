"""Authorize the invocations of schedules and rules.

AWS: EventBridge Scheduler assumes the schedule's role, which must trust
scheduler.amazonaws.com and must have the permission to invoke the target. The
policy of a rule's target must allow events.amazonaws.com for the rule.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
Engine 1.5.33: ignores role and policy, so a missing permission shows on AWS only.
The patch does not retry an event that it refuses to deliver.
Delete when _invoke_target evaluates role and policy.
"""

import contextvars
import json
import logging

from patches import expect
from patches.invoke_permission import permitted

SCHEDULER, RULES = "scheduler.amazonaws.com", "events.amazonaws.com"
log = logging.getLogger("events")


def apply() -> None:
    from ministack.core import iam_evaluator, lambda_runtime
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import eventbridge, iam, scheduler

    invoke = eventbridge._invoke_target
    expect("schedules", invoke, 'elif spec.service == "lambda": _dispatch_to_lambda(arn, event_payload)')
    expect("schedules", scheduler._tick_schedules, '"Source": "aws.scheduler"', "_eb._invoke_target(target, event, sched)")

    def trusts(policy, schedule: dict) -> bool:
        """Return whether the role's trust policy allows the scheduler; AWS sends the schedule group as source ARN."""
        document = json.loads(policy) if isinstance(policy, str) else policy or {}
        statements = [{**statement, "Resource": "*"} for statement in document.get("Statement", [])]
        group = schedule["Arn"].replace(":schedule/", ":schedule-group/").rsplit("/", 1)[0]
        context = iam_evaluator.EvalContext(
            principal_arn=SCHEDULER, principal_type="Service", principal_account=get_account_id(),
            action="sts:AssumeRole", resource_arn="*", region=get_region(),
            service_context={"aws:sourcearn": group, "aws:sourceaccount": get_account_id()})
        decision = iam_evaluator.evaluate_resource_policy({**document, "Statement": statements}, context, service=SCHEDULER)
        return decision.decision == "Allow"

    def role_may(target: dict, schedule: dict) -> bool:
        role = iam._roles.get(target.get("RoleArn", "").rsplit("/", 1)[-1]) or {}
        if not trusts(role.get("AssumeRolePolicyDocument"), schedule):
            return False
        # The ticker has no caller; the role makes this call.
        iam_evaluator._anonymous.set(False)
        iam_evaluator._signed_request.set(None)
        session = lambda_runtime.execution_credentials(
            {"Role": target["RoleArn"], "FunctionArn": target["Arn"], "FunctionName": schedule["Name"]})
        return not iam_evaluator.enforce(session["AWS_ACCESS_KEY_ID"], "lambda:InvokeFunction", "lambda", get_region(),
                                         resource_arn=target["Arn"])

    def guarded(target, event, rule, view=None):
        if ":lambda:" in target.get("Arn", ""):
            by_role = event.get("Source") == "aws.scheduler"
            allowed = contextvars.copy_context().run(role_may, target, rule) if by_role \
                else permitted(RULES, target["Arn"], rule["Arn"])
            if not allowed:
                log.error("%s may not invoke %s", rule["Arn"], target["Arn"])
                return None
        return invoke(target, event, rule, view)

    eventbridge._invoke_target = guarded
