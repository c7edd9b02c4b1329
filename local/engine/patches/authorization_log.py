"""The authorization log: a file with every IAM decision of the engine.

AWS: CloudTrail records the calls, and the IAM policy simulator explains the
decisions.
Engine 1.5.33: authorizes every call and keeps no record of it.
The patch stays: the end-to-end tests prove least privilege from the log.

The log has one JSON object a line: time (UTC), principal (ARN, or "anonymous"), action,
resource, decision ("allowed" or "denied"), reason.
"""

import datetime
import functools
import json
import threading

from patches import expect

ROOT = "account root"
UNSIGNED = "unsigned operation"
POLICY = "allowed by policy"


class AuthorizationLog:
    def __init__(self, path: str):
        # A new engine starts with an empty account, so the log starts empty too.
        self._file = open(path, "w", buffering=1, encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, principal: str, action: str, resource: str, decision: str, reason: str) -> None:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        line = json.dumps({
            "time": now.replace("+00:00", "Z"), "principal": principal, "action": action,
            "resource": resource, "decision": decision, "reason": reason,
        })
        with self._lock:
            self._file.write(line + "\n")


_log: AuthorizationLog | None = None


def record(principal: str, action: str, resource: str, decision: str, reason: str) -> None:
    """Record a decision that IAM does not make."""
    _log.write(principal, action, resource, decision, reason)


def caller(evaluator, access_key_id: str) -> str:
    if evaluator._anonymous.get():
        return "anonymous"
    identity = evaluator.resolve_caller_identity(access_key_id)
    return identity["userArn"] if identity else "anonymous"


def reason_allowed(principal: str, conditions: dict) -> str:
    if principal == "anonymous":
        return UNSIGNED
    reason = ROOT if principal.endswith(":root") else POLICY
    via = conditions.get("kms:ViaService")
    return f"{reason} through {via}" if via else reason


def reason_denied(outcome) -> str:
    if hasattr(outcome, "code"):  # authentication failed before the engine read a policy
        return f"{outcome.code}: {outcome.message}"
    where = f" in the policy of {outcome.resource_policy_arn}" if outcome.resource_policy_arn else ""
    return (outcome.reason or outcome.decision) + where


def apply(path: str) -> None:
    from ministack.core import iam_evaluator

    decide = iam_evaluator.enforce
    expect("authorization_log", decide, 'if result.decision == "Allow": return None', "result.principal_arn = principal.arn")
    global _log
    log = _log = AuthorizationLog(path)

    @functools.wraps(decide)
    def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        principal = caller(iam_evaluator, access_key_id or "")
        outcome = decide(access_key_id, iam_action, service, region, resource_arn, service_context)
        if outcome is None:
            reason = reason_allowed(principal, service_context or {})
            log.write(principal, iam_action, resource_arn, "allowed", reason)
        else:
            log.write(principal, iam_action, resource_arn, "denied", reason_denied(outcome))
        return outcome

    iam_evaluator.enforce = enforce
