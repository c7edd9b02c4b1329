"""Authorize the use of a table's or secret's customer-managed key.

AWS: reading or writing a table calls kms:Decrypt as the caller. Reading a secret
calls kms:Decrypt, writing one also kms:GenerateDataKey. Each call has
kms:ViaService, kms:CallerAccount and the service's encryption context. The
role or the key's policy must allow it.
https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html
https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
Engine 1.5.33: does not authorize the use of the key, so a missing permission
shows on AWS only. AWS caches a table's key for five minutes for each caller; the
patch authorizes every call.
Delete when the engine's DynamoDB and Secrets Manager call its KMS.
"""

import json
import uuid
from urllib.parse import parse_qsl

from patches import expect
from service_calls import customer_key, denied, key_conditions

TABLE_DATA = {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem",
              "TransactGetItems", "TransactWriteItems"}
SECRET_READS = {"GetSecretValue"}
SECRET_WRITES = {"PutSecretValue", "UpdateSecret"}
QUEUE_READS = {"ReceiveMessage"}
QUEUE_SENDS = {"SendMessage", "SendMessageBatch"}
TOPIC_SENDS = {"Publish", "PublishBatch"}


def tables_named(request: dict) -> list[str]:
    names = [request["TableName"]] if request.get("TableName") else []
    names += list(request.get("RequestItems") or {})
    for item in request.get("TransactItems") or []:
        names += [member["TableName"] for member in item.values()]
    return [name.rsplit("/", 1)[-1] for name in dict.fromkeys(names)]


def table_uses(dynamodb, action: str, request: dict, account: str):
    """Yield (key, KMS actions, encryption context) of each encrypted table of an item operation."""
    if action not in TABLE_DATA:
        return
    for name in tables_named(request):
        encryption = (dynamodb._tables.get(name) or {}).get("SSEDescription") or {}
        if encryption.get("Status") == "ENABLED":
            yield encryption["KMSMasterKeyArn"], ["Decrypt"], {
                "aws:dynamodb:tableName": name, "aws:dynamodb:subscriberId": account}


def secret_uses(secretsmanager, action: str, request: dict, _account: str):
    if action not in SECRET_READS | SECRET_WRITES:
        return
    if action == "UpdateSecret" and not {"SecretString", "SecretBinary"} & request.keys():
        return
    _, secret = secretsmanager._resolve(request.get("SecretId"))
    if secret and secret.get("KmsKeyId"):
        actions = ["Decrypt"] if action in SECRET_READS else ["GenerateDataKey", "Decrypt"]
        yield secret["KmsKeyId"], actions, {"SecretARN": secret["ARN"]}


def queue_uses(sqs, action: str, request: dict, _account: str):
    from ministack.core.responses import get_region

    if action not in QUEUE_SENDS | QUEUE_READS or "/" not in request.get("QueueUrl", ""):
        return
    account, name = request["QueueUrl"].rsplit("/", 2)[-2:]
    arn = f"arn:aws:sqs:{get_region()}:{account}:{name}"
    key = ((sqs._queue_by_arn(arn) or {}).get("attributes") or {}).get("KmsMasterKeyId")
    yield key, ["Decrypt"] if action in QUEUE_READS else ["GenerateDataKey", "Decrypt"], {"aws:sqs:arn": arn}


def topic_uses(sns, action: str, request: dict, _account: str):
    topic = request.get("TopicArn") or request.get("TargetArn") or ""
    if action in TOPIC_SENDS:
        key = ((sns._topics.get(topic) or {}).get("attributes") or {}).get("KmsMasterKeyId")
        yield key, ["GenerateDataKey", "Decrypt"], {"aws:sns:topicArn": topic}


def parsed(headers: dict, body: bytes) -> tuple[str, dict]:
    """The operation and the members of a request in JSON or as a form."""
    if target := headers.get("x-amz-target"):
        try:
            return target.rsplit(".", 1)[-1], json.loads(body or b"{}")
        except ValueError:
            return target, {}
    form = dict(parse_qsl((body or b"").decode("utf-8", errors="replace")))
    return form.get("Action", ""), form


def apply() -> None:
    from ministack import app
    from ministack.core import iam_actions
    from ministack.core.responses import get_account_id
    from ministack.core.router import extract_access_key_id
    from ministack.services import dynamodb, secretsmanager, sns, sqs

    expect("service_keys", app._dispatch_service_request, "handler = SERVICE_HANDLERS.get(service)")

    def denial(service: str, use, headers, query) -> tuple | None:
        key, actions, encryption = use
        arn = customer_key(key)
        for action in actions if arn else ():
            outcome = denied(extract_access_key_id(headers, query), f"kms:{action}", arn, key_conditions(service, encryption))
            if outcome:
                return iam_actions.access_denied_response(
                    service, f"kms:{action}", getattr(outcome, "principal_arn", ""), str(uuid.uuid4()),
                    headers=headers, resource_arn=arn)
        return None

    def guard(service: str, module, uses) -> None:
        handle = app.SERVICE_HANDLERS[service]

        async def guarded(method, path, headers, body, query):
            action, request = parsed(headers, body)
            for use in uses(module, action, request, get_account_id()):
                if refused := denial(service, use, headers, query):
                    return refused
            return await handle(method, path, headers, body, query)

        app.SERVICE_HANDLERS[service] = guarded

    guard("dynamodb", dynamodb, table_uses)
    guard("secretsmanager", secretsmanager, secret_uses)
    guard("sqs", sqs, queue_uses)
    guard("sns", sns, topic_uses)
