"""Authorize the use of a table's or secret's customer-managed key.

AWS: reading or writing a table calls kms:Decrypt as the caller. Reading a secret
calls kms:Decrypt, writing one also kms:GenerateDataKey. Each call has
kms:ViaService, kms:CallerAccount and the service's encryption context. The
role or the key's policy must allow it.
https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html
https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
Engine 1.5.33: does not authorize the use of the key, so a missing permission
shows on AWS only. AWS caches a table's key for five minutes for each caller; the
patch authorizes every call.
Delete when the engine's DynamoDB and Secrets Manager call its KMS.
"""

import json
import uuid

from patches import expect

TABLE_DATA = {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem",
              "TransactGetItems", "TransactWriteItems"}
SECRET_READS = {"GetSecretValue"}
SECRET_WRITES = {"PutSecretValue", "UpdateSecret"}


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


def apply() -> None:
    from ministack import app
    from ministack.core import iam_actions, iam_evaluator
    from ministack.core.responses import get_account_id, get_region
    from ministack.core.router import extract_access_key_id
    from ministack.services import dynamodb, kms, secretsmanager

    expect("service_keys", app._dispatch_service_request, "handler = SERVICE_HANDLERS.get(service)")

    def denial(service: str, use, headers, query) -> tuple | None:
        key, actions, encryption = use
        record = kms._resolve_key(key)
        if record is None:
            return None  # the AWS managed key, whose policy allows the whole account
        region, account = get_region(), get_account_id()
        conditions = {"kms:ViaService": f"{service}.{region}.amazonaws.com", "kms:CallerAccount": account,
                      **{f"kms:EncryptionContext:{k}": v for k, v in encryption.items()}}
        for action in actions:
            denied = iam_evaluator.enforce(extract_access_key_id(headers, query), f"kms:{action}", "kms", region,
                                           resource_arn=record["Arn"], service_context=conditions)
            if denied:
                return iam_actions.access_denied_response(
                    service, f"kms:{action}", getattr(denied, "principal_arn", ""), str(uuid.uuid4()),
                    headers=headers, resource_arn=record["Arn"])
        return None

    def guard(service: str, module, uses) -> None:
        handle = app.SERVICE_HANDLERS[service]

        async def guarded(method, path, headers, body, query):
            action = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
            try:
                request = json.loads(body or b"{}")
            except ValueError:
                request = {}
            for use in uses(module, action, request, get_account_id()):
                if denied := denial(service, use, headers, query):
                    return denied
            return await handle(method, path, headers, body, query)

        app.SERVICE_HANDLERS[service] = guarded

    guard("dynamodb", dynamodb, table_uses)
    guard("secretsmanager", secretsmanager, secret_uses)
