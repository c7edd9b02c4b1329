"""Feed a function from a queue or a stream only when its role may read it.

AWS: Lambda reads a queue or a table's stream as the function's role. A mapping
whose role lacks a right is refused; when the right goes later, or the role may
not decrypt with the customer-managed key, nothing is delivered.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
Engine 1.5.33: asks nothing, so a missing right shows on AWS only. AWS reads all
the time; here the rights are asked when a mapping is created and when there is
something to deliver.
Delete when _poll_sqs asks the evaluator.
"""

import time

from patches import expect
from service_calls import customer_key, function_denied, key_conditions

KIND = "AWS::Lambda::EventSourceMapping"
READS = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    # AWS's own example gives ListStreams on the stream as well:
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-example-lamda-process-dynamodb-streams.html
    "dynamodb": ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"),
}


def source_denied(config: dict, source: str) -> str:
    """Why a function's role may not read a queue or a stream, "" where it may."""
    for action in READS.get(source.split(":")[2], ()):
        if denied := function_denied(config, action, source):
            return denied
    return ""


def key_denied(config: dict, source: str, key: str, encryption: dict) -> str:
    """Why a function's role may not decrypt what its source holds, "" where it may or no key is the customer's."""
    arn = customer_key(key)
    return function_denied(config, "kms:Decrypt", arn, key_conditions(source.split(":")[2], encryption)) if arn else ""


def queue_denied(config: dict, queue: dict) -> str:
    attributes = queue["attributes"]
    arn = attributes["QueueArn"]
    return source_denied(config, arn) or key_denied(config, arn, attributes.get("KmsMasterKeyId"), {"aws:sqs:arn": arn})


def stream_denied(config: dict, stream: str) -> str:
    from ministack.core.responses import get_account_id
    from ministack.services import dynamodb

    table = stream.split("/")[1]
    encryption = dynamodb._tables[table].get("SSEDescription") or {}
    key = encryption.get("KMSMasterKeyArn") if encryption.get("Status") == "ENABLED" else ""
    context = {"aws:dynamodb:tableName": table, "aws:dynamodb:subscriberId": get_account_id()}
    return source_denied(config, stream) or key_denied(config, stream, key, context)


def stopped(esm: dict, denied: str) -> bool:
    """Whether a mapping may not deliver, which it then says and tries again later."""
    from ministack.services import lambda_svc

    if denied:
        esm["LastProcessingResult"] = f"PROBLEM: {denied}"
        lambda_svc._esm_backoff_until[esm["UUID"]] = time.time() + lambda_svc._ESM_BACKOFF_SECONDS
    return bool(denied)


def apply() -> None:
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import provisioners

    create, concurrency = lambda_svc._create_esm, lambda_svc._sqs_esm_concurrency
    expect("mapping_permissions", create, "func_name, qualifier, err = _resolve_existing_esm_function(")
    expect("mapping_permissions", lambda_svc._poll_sqs, ">= _sqs_esm_concurrency(esm, func_rec, _cfg, queue): continue",
           "batch = _sqs._receive_messages_for_esm(queue_url, batch_size)")

    def refusal(function: str, source: str) -> str:
        """Why Lambda refuses a mapping, "" where it does not."""
        if source.count(":") < 5 or source.split(":")[2] not in READS:
            return ""
        name, qualifier, error = lambda_svc._resolve_existing_esm_function(function)
        if error:
            return ""  # which creating the mapping will say
        _, config = lambda_svc._get_func_record_for_qualifier(name, qualifier)
        denied = source_denied(config, source)
        return f"The function execution role does not have the permissions to read {source}: {denied}" if denied else ""

    def created(data: dict):
        if why := refusal(data.get("FunctionName", ""), data.get("EventSourceArn", "")):
            return lambda_svc._invalid_parameter_value(why)
        return create(data)

    def provisioned(logical_id, props, stack):
        if why := refusal(props.get("FunctionName", ""), props.get("EventSourceArn", "")):
            raise ValueError(why)
        return provision(logical_id, props, stack)

    def queue_concurrency(esm, func_rec, config, queue=None):
        due = any(message["visible_at"] <= time.time() for message in (queue or {}).get("messages", []))
        return 0 if due and stopped(esm, queue_denied(config, queue)) else concurrency(esm, func_rec, config, queue)

    handlers = provisioners._RESOURCE_HANDLERS[KIND]
    provision, handlers["create"] = handlers["create"], provisioned
    lambda_svc._create_esm, lambda_svc._sqs_esm_concurrency = created, queue_concurrency
