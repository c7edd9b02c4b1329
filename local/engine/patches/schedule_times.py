"""Run a schedule at its own zone's time and within its dates; name its group in its ARN.

AWS: cron() and at() are in ScheduleExpressionTimezone. A time that the change to
summer time skips does not run, one that the change back repeats runs once.
StartDate, EndDate and ActionAfterCompletion of a template take effect. IAM
judges a call on schedule/GROUP/NAME.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
Engine 1.5.33: every time is UTC; templates lose all four; IAM sees the group
"default" always. EventBridge rules are in UTC on AWS as well.
Delete when _tick_schedules reads ScheduleExpressionTimezone.
"""

import datetime
import json
import time
import zoneinfo

from patches import expect

KEPT = ("ScheduleExpressionTimezone", "StartDate", "EndDate", "ActionAfterCompletion", "KmsKeyArn")
UTC = datetime.UTC


def at_time(expression: str, zone) -> float | None:
    """The moment of an at() expression in a zone, None for another expression."""
    if not expression.startswith("at("):
        return None
    return datetime.datetime.fromisoformat(expression[3:-1].strip()).replace(tzinfo=zone).timestamp()


def next_cron(fire, fields, after: float, zone) -> float | None:
    """The next moment of a cron expression in a zone; fire finds the next time of the wall clock."""
    wall = datetime.datetime.fromtimestamp(after, zone).replace(tzinfo=None)
    while True:
        found = fire(fields, wall.replace(tzinfo=UTC))
        if found is None:
            return None
        wall = found.replace(tzinfo=None)
        moment = wall.replace(tzinfo=zone).timestamp()
        if datetime.datetime.fromtimestamp(moment, zone).replace(tzinfo=None) == wall and moment > after:
            return moment  # a time that is skipped comes back as another


def arn_of(path: str, body: bytes, query: dict, prefix: str) -> str:
    """The ARN of the schedule a request names."""
    group = query.get("groupName") or [""]
    group = group[0] if isinstance(group, list) else group
    if not group:
        try:
            group = json.loads(body or b"{}").get("GroupName")
        except (ValueError, AttributeError):
            group = ""
    return f"{prefix}:schedule/{group or 'default'}/{path.rsplit('/', 1)[-1]}"


def apply() -> None:
    from ministack.core import iam_actions
    from ministack.core.responses import (get_account_id, get_region, new_uuid, set_request_account_id,
                                          set_request_region)
    from ministack.services import eventbridge, scheduler
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS["AWS::Scheduler::Schedule"]
    create, update, resource = handlers["create"], handlers["update"], iam_actions.extract_resource_arn
    expect("schedule_times", create, '"State": props.get("State", "ENABLED")')
    expect("schedule_times", scheduler._tick_schedules, "_eb._cron_next_fire(fields, last_dt)", "_at_time_epoch(expr)")
    expect("schedule_times", scheduler._ticker_loop, "_tick_schedules()")
    expect("schedule_times", resource, ':schedule/default/{parts[si + 1]}"')

    def settle(result, props: dict):
        found = scheduler._schedules[f"{props.get('GroupName', 'default')}/{result[0]}"]
        found.update({name: props.get(name) for name in KEPT})
        found["ScheduleExpressionTimezone"] = found["ScheduleExpressionTimezone"] or "UTC"
        zoneinfo.ZoneInfo(found["ScheduleExpressionTimezone"])
        found["ActionAfterCompletion"] = found["ActionAfterCompletion"] or "NONE"
        for name in ("StartDate", "EndDate"):
            found[name] = scheduler._to_epoch(found[name])
        return result

    def is_due(key, schedule: dict, now: float) -> tuple[bool, bool]:
        """Whether a schedule runs now, and whether for the last time."""
        expression, zone = schedule["ScheduleExpression"], zoneinfo.ZoneInfo(schedule["ScheduleExpressionTimezone"])
        fired = scheduler._schedule_last_fired
        moment = at_time(expression, zone)
        if moment is not None:
            return now >= moment and key not in fired, True
        interval = eventbridge._parse_rate_seconds(expression)
        if interval is not None:
            return now - fired.setdefault(key, schedule["CreationDate"]) >= interval, False
        fields = eventbridge._parse_cron_fields(expression)
        moment = fields and next_cron(eventbridge._cron_next_fire, fields, fired.setdefault(key, now), zone)
        return moment is not None and now >= moment, False

    def fire(key, schedule: dict, now: float) -> None:
        account, region, _ = key
        set_request_account_id(account)
        set_request_region(region)
        event = {"EventId": new_uuid(), "Source": "aws.scheduler", "DetailType": "Scheduled Event", "Detail": "{}",
                 "Time": now, "Resources": [schedule["Arn"]], "Account": account, "Region": region}
        try:
            eventbridge._invoke_target(schedule["Target"], event, schedule)
        except Exception:
            scheduler.logger.exception("schedule %s did not run", schedule["Arn"])

    def tick() -> None:
        now, before = time.time(), (get_account_id(), get_region())
        try:
            for key, schedule in list(scheduler._schedules._data.items()):
                start, end = (scheduler._to_epoch(schedule.get(name)) for name in ("StartDate", "EndDate"))
                over = end is not None and now > end
                if schedule.get("State") == "ENABLED" and not over and not (start and now < start):
                    due, over = is_due(key, schedule, now)
                    over = due and over
                    if due:
                        scheduler._schedule_last_fired[key] = now
                        fire(key, schedule, now)
                if over and schedule.get("ActionAfterCompletion") == "DELETE":
                    scheduler._schedules._data.pop(key, None)
                    scheduler._schedule_last_fired.pop(key, None)
        finally:
            set_request_account_id(before[0])
            set_request_region(before[1])

    def resource_of(service, method, path, headers, body, query, region, account):
        if service == "scheduler" and path.startswith("/schedules/"):
            return arn_of(path, body, query, f"arn:aws:scheduler:{region}:{account}")
        return resource(service, method, path, headers, body, query, region, account)

    handlers["create"] = lambda logical_id, props, stack: settle(create(logical_id, props, stack), props)
    handlers["update"] = lambda physical_id, old, new, stack: settle(update(physical_id, old, new, stack), new)
    scheduler._tick_schedules, iam_actions.extract_resource_arn = tick, resource_of
