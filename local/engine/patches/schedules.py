"""Authorize what schedules and rules send to their targets.

AWS: EventBridge Scheduler assumes the schedule's role, which must trust
scheduler.amazonaws.com. The role must have the permission to invoke the function,
send to the queue (and use its key), publish to the topic or put events on the bus.
The policy of a rule's target must allow events.amazonaws.com for the rule.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
Engine 1.5.33: ignores role and policy, so a missing permission shows on AWS only.
The patch does not retry an event that it refuses to deliver.
Delete when _invoke_target evaluates role and policy.
"""

import json
import logging

from patches import expect
from patches.invoke_permission import permitted
from service_calls import customer_key, key_conditions, key_lets_service, role_denied

ACTIONS = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish", "events": "events:PutEvents"}
SCHEDULER, RULES = "scheduler.amazonaws.com", "events.amazonaws.com"
log = logging.getLogger("events")


def apply() -> None:
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import eventbridge, iam, scheduler, sqs

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
        arn, session = target["Arn"], schedule["Name"]
        key, service = queue_key(arn), arn.split(":")[2]
        calls = [(ACTIONS[service], arn, {})] + [
            (action, key, key_conditions("sqs", {"aws:sqs:arn": arn})) for action in ("kms:GenerateDataKey", "kms:Decrypt") if key]
        return not any(role_denied(target["RoleArn"], session, *call) for call in calls)

    def queue_key(arn: str) -> str:
        queue = sqs._queue_by_arn(arn) if ":sqs:" in arn else None
        return customer_key(queue["attributes"].get("KmsMasterKeyId")) if queue else ""

    def rule_may(arn: str, rule: str) -> bool:
        if ":lambda:" in arn:
            return permitted(RULES, arn, rule)
        if ":sqs:" in arn:
            key = queue_key(arn)
            return sqs.queue_policy_allows(arn, RULES, rule, get_account_id()) and (
                not key or key_lets_service(key, RULES, rule, {"aws:sqs:arn": arn}))
        return True

    def guarded(target, event, rule, view=None):
        arn = target.get("Arn", "")
        if event.get("Source") != "aws.scheduler":
            allowed = rule_may(arn, rule.get("Arn", ""))
        else:
            allowed = arn.split(":")[2] not in ACTIONS or role_may(target, rule)
        if not allowed:
            log.error("%s may not reach %s", rule.get("Arn"), arn)
            return None
        return invoke(target, event, rule, view)

    eventbridge._invoke_target = guarded
