"""Retry, split and discard a failing batch of a table's stream as its mapping says.

AWS: after an error a batch is retried MaximumRetryAttempts times (-1: until it
expires); BisectBatchOnFunctionError retries its halves on their own, which
counts as no retry. With ReportBatchItemFailures the position stops at the first
record that the function names, and the rest is retried from there. A batch that
is given up is described in a message to the on-failure destination, which the
function's role must be allowed to send. Mappings do not wait for one another.
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
Engine 1.5.33: retries whole batches for ever, ignores the named records, so that
they are lost, and runs the functions of all streams one after the other.
ParallelizationFactor and batching windows stay without effect.
Delete when _poll_dynamodb_streams reads FunctionResponseTypes.
"""

import json
import logging
import time
from dataclasses import dataclass

from patches import expect
from patches.mapping_permissions import stopped, stream_denied

log = logging.getLogger("lambda")
SHARD = "shardId-00000000000000000000-00000000"


@dataclass
class Batch:
    """Positions of the stream that are tried as one batch, and how often they failed."""

    start: int
    end: int
    failures: int = 0


def sequence(record: dict) -> str:
    return record["dynamodb"]["SequenceNumber"]


def first_failure(records: list[dict], answer) -> int | None:
    """The index of the first record that a function's answer names, None when all went well.

    An answer that names what is not in the batch fails it from the start.
    """
    if isinstance(answer, str):
        try:
            answer = json.loads(answer)
        except ValueError:
            return None
    named = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not named:
        return None
    numbers = [sequence(record) for record in records]
    found = [numbers.index(entry["itemIdentifier"]) if isinstance(entry, dict) and entry.get("itemIdentifier") in numbers
             else 0 for entry in named]
    return min(found)


def described(esm: dict, config: dict, records: list[dict], condition: str, attempts: int, error) -> dict:
    """The message to an on-failure destination: the place in the stream, not the items."""
    def stamp(seconds: float) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))

    from ministack.core.responses import new_uuid

    arrived = [record["dynamodb"]["ApproximateCreationDateTime"] for record in records]
    response = {"statusCode": 200, "executedVersion": config.get("Version", "$LATEST")}
    return {
        "requestContext": {"requestId": new_uuid(), "functionArn": esm["FunctionArn"], "condition": condition,
                           "approximateInvokeCount": attempts},
        "responseContext": {**response, "functionError": error} if error else response,
        "version": "1.0",
        "timestamp": stamp(time.time()),
        "DDBStreamBatchInfo": {
            "shardId": SHARD, "startSequenceNumber": sequence(records[0]), "endSequenceNumber": sequence(records[-1]),
            "approximateArrivalOfFirstRecord": stamp(arrived[0]),
            "approximateArrivalOfLastRecord": stamp(arrived[-1]),
            "batchSize": len(records), "streamArn": esm["EventSourceArn"],
        },
    }


def send(config: dict, destination: str, message: dict) -> None:
    """Send a message to a queue or a topic with the rights of the function's role."""
    from ministack.services import sns, sqs
    from service_calls import customer_key, function_denied, key_conditions

    service = destination.split(":")[2]
    queue = sqs._queue_by_arn(destination) if service == "sqs" else None
    topic = sns._topics.get(destination) if service == "sns" else None
    if queue is None and topic is None:
        log.error("the on-failure destination %s does not exist", destination)
        return
    if function_denied(config, "sqs:SendMessage" if queue else "sns:Publish", destination):
        return
    key = customer_key((queue or topic)["attributes"].get("KmsMasterKeyId"))
    conditions = key_conditions(service, {f"aws:{service}:{'arn' if queue else 'topicArn'}": destination})
    if key and any(function_denied(config, action, key, conditions) for action in ("kms:GenerateDataKey", "kms:Decrypt")):
        return
    if queue:
        sqs._act_send_message({"MessageBody": json.dumps(message)}, sqs._queue_url(destination.rsplit(":", 1)[-1]))
    else:
        sns._fanout(destination, message["requestContext"]["requestId"], json.dumps(message), "", "", {})


def apply() -> None:
    from ministack.core.responses import _request_account_id, _request_region
    from ministack.services import dynamodb, lambda_svc

    expect("stream_batches", lambda_svc._poll_dynamodb_streams, "result = _execute_function(func_rec, event)",
           "_dynamodb_stream_positions[esm_id] = pos + raw_len")
    expect("stream_batches", lambda_svc._poll_loop, "_poll_dynamodb_streams()")
    expect("stream_batches", lambda_svc._dispatch_esm_batch, "_esm_inflight.pop(esm_id, None)")
    waiting: dict[str, list[Batch]] = {}  # by mapping: what of its last batch is still to be tried, in order

    def position(esm: dict) -> int:
        esm_id, table = esm["UUID"], table_of(esm)
        oldest = dynamodb.stream_start_position(table)
        with lambda_svc._dynamodb_stream_positions_lock:
            positions = lambda_svc._dynamodb_stream_positions
            if esm_id not in positions:
                newest = dynamodb.stream_end_position(table)
                positions[esm_id] = oldest if esm.get("StartingPosition") == "TRIM_HORIZON" else newest
            positions[esm_id] = max(positions[esm_id], oldest)  # expired records are gone
            return positions[esm_id]

    def advance(esm: dict, to: int) -> None:
        with lambda_svc._dynamodb_stream_positions_lock:
            if esm["UUID"] in lambda_svc._esms:
                lambda_svc._dynamodb_stream_positions[esm["UUID"]] = to

    def table_of(esm: dict) -> str:
        return esm["EventSourceArn"].split("/")[1]

    def wanted(esm: dict, batch: Batch) -> list[tuple[int, dict]]:
        """The records of a batch that pass the mapping's filters, with their positions."""
        records = dynamodb.stream_records_since(table_of(esm), batch.start, batch.end - batch.start)
        return [(batch.start + i, record) for i, record in enumerate(records)
                if lambda_svc._apply_filter_criteria([record], esm)]

    def too_old(esm: dict, records: list[dict]) -> bool:
        limit = int(esm.get("MaximumRecordAgeInSeconds", -1))
        return limit > 0 and time.time() - records[0]["dynamodb"]["ApproximateCreationDateTime"] > limit

    def give_up(esm, config, batch, records, condition, error) -> None:
        destination = (esm.get("DestinationConfig", {}).get("OnFailure") or {}).get("Destination")
        if destination:
            send(config, destination, described(esm, config, records, condition, batch.failures, error))
        log.error("mapping %s gave up %d records: %s", esm["UUID"], len(records), condition)

    def after_failure(esm: dict, config: dict, batch: Batch, tried: list[tuple[int, dict]], at: int, error) -> list[Batch]:
        """What is still to be tried of a batch that failed at one of its records."""
        rest = tried[at:]
        start, records = rest[0][0], [record for _, record in rest]
        if error and len(rest) > 1 and str(esm.get("BisectBatchOnFunctionError")).lower() == "true":
            middle = rest[len(rest) // 2][0]
            return [Batch(start, middle, batch.failures), Batch(middle, batch.end, batch.failures)]
        failed = Batch(start, batch.end, 1 if at else batch.failures + 1)
        retries = int(esm.get("MaximumRetryAttempts", -1))
        if too_old(esm, records):
            give_up(esm, config, failed, records, "MaxRecordAgeExceeded", error)
        elif 0 <= retries < failed.failures:
            give_up(esm, config, failed, records, "RetryAttemptsExhausted", error)
        else:
            return [failed]
        return []

    def deliver(esm: dict, func_rec: dict, batch: Batch) -> None:
        esm_id, config, tried = esm["UUID"], func_rec.get("config") or func_rec, wanted(esm, batch)
        left: list[Batch] = []
        if tried:
            records = [record for _, record in tried]
            result = lambda_svc._execute_function(func_rec, {"Records": records})
            error = (result.get("function_error") or "Unhandled") if result.get("error") else None
            reports = "ReportBatchItemFailures" in (esm.get("FunctionResponseTypes") or [])
            failed = 0 if error else first_failure(records, result.get("body")) if reports else None
            if failed is None:
                esm["LastProcessingResult"] = f"OK - {len(records)} records"
            else:
                esm["LastProcessingResult"] = "FAILED"
                log.warning("mapping %s: %s failed from record %d of %d: %s", esm_id, config["FunctionName"],
                            failed + 1, len(records), error or "named by the function")
                left = after_failure(esm, config, batch, tried, failed, error)
                lambda_svc._esm_backoff_until[esm_id] = time.time() + lambda_svc._ESM_BACKOFF_SECONDS
        others = waiting.get(esm_id, [])[1:]
        waiting[esm_id] = left + others
        advance(esm, waiting[esm_id][0].start if waiting[esm_id] else batch.end)

    def readable(esm: dict) -> dict | None:
        """The function of a mapping that has a table's stream of this account and region to read."""
        arn = esm.get("EventSourceArn", "")
        if ":dynamodb:" not in arn or str(esm.get("Enabled", True)).lower() == "false":
            return None
        if (dynamodb._tables.get(table_of(esm)) or {}).get("LatestStreamArn") != arn:
            return None
        if lambda_svc._esm_inflight.get(esm["UUID"]) or lambda_svc._esm_backoff_until.get(esm["UUID"], 0) > time.time():
            return None
        func_rec, _ = lambda_svc._get_func_record_for_qualifier(esm["FunctionName"], esm.get("Qualifier"))
        return func_rec

    def next_batch(esm: dict) -> Batch | None:
        if waiting.get(esm["UUID"]):
            return waiting[esm["UUID"]][0]
        start, size = position(esm), int(esm.get("BatchSize", 100))
        end = min(dynamodb.stream_end_position(table_of(esm)), start + size)
        if start == end:
            return None
        waiting[esm["UUID"]] = [Batch(start, end)]
        return waiting[esm["UUID"]][0]

    def poll() -> bool:
        found = False
        for account, region, esm in lambda_svc._iter_all_esms():
            tokens = _request_account_id.set(account), _request_region.set(region)
            try:
                func_rec = readable(esm)
                batch = next_batch(esm) if func_rec else None
                if batch and not stopped(esm, stream_denied(func_rec["config"], esm["EventSourceArn"])):
                    lambda_svc._dispatch_esm_batch(esm["UUID"], deliver, esm, func_rec, batch)
                    found = True
            finally:
                _request_account_id.reset(tokens[0])
                _request_region.reset(tokens[1])
        for gone in set(waiting) - {esm["UUID"] for _, _, esm in lambda_svc._iter_all_esms()}:
            waiting.pop(gone, None)
        return found

    lambda_svc._poll_dynamodb_streams = poll
