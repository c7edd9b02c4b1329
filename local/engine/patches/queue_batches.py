"""Authorise the batch operations of SQS by the actions of the single operations.

AWS: the right to SendMessage, DeleteMessage or ChangeMessageVisibility is the right to
its batch operation too. IAM has no actions of the batch operations.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
Engine 1.5.33: evaluates sqs:SendMessageBatch, which no policy can allow.
Delete when extract_iam_action returns the single operation.
"""

from patches import expect

BATCHES = {f"sqs:{action}Batch": f"sqs:{action}" for action in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")}


def apply() -> None:
    from ministack.core import iam_actions

    extract = iam_actions.extract_iam_action
    expect("queue_batches", extract, "action_name = _action_from_target(headers) if action_name: return f\"{namespace}:{action_name}\"")

    def single(*args, **kwargs):
        action = extract(*args, **kwargs)
        return BATCHES.get(action, action)

    iam_actions.extract_iam_action = single
