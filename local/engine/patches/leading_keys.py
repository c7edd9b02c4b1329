"""Set dynamodb:LeadingKeys, so that a policy can limit items by their partition key.

AWS: dynamodb:LeadingKeys is the partition keys that a request names, of the
index for a query of an index; a Scan names none. Each table of a batch and each
item of a transaction is judged on its own keys.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
Engine 1.5.33: never sets it, so that ForAllValues, which holds where there is no
value, opens every partition. PartiQL statements stay without it.
Delete when dynamodb_service_context sets it.
"""

import functools
import json
import re

from patches import expect

KEYS = "dynamodb:LeadingKeys"
ITEM_ACTIONS = {"Get": "GetItem", "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem",
                "ConditionCheck": "ConditionCheckItem"}
EQUALITY = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")


def queried(request: dict, attribute: str):
    """The value that a query gives its partition key."""
    names, values = request.get("ExpressionAttributeNames") or {}, request.get("ExpressionAttributeValues") or {}
    for name, value in EQUALITY.findall(request.get("KeyConditionExpression") or ""):
        if names.get(name, name) == attribute:
            yield values.get(value)
    yield from (request.get("KeyConditions") or {}).get(attribute, {}).get("AttributeValueList", [])


def partition_keys(tables, request: dict):
    """(table, action or "" for the request's own, value) of every partition key that a request names."""
    def key_of(table: str, index: str = "") -> str:
        found = tables.get(table.rsplit("/", 1)[-1]) or {}
        schema = found.get("KeySchema", [])
        if index:
            indexes = (found.get("GlobalSecondaryIndexes") or []) + (found.get("LocalSecondaryIndexes") or [])
            schema = next((i["KeySchema"] for i in indexes if i["IndexName"] == index), [])
        return next((key["AttributeName"] for key in schema if key["KeyType"] == "HASH"), "")

    if table := request.get("TableName"):
        attribute = key_of(table, request.get("IndexName", ""))
        for item in (request.get("Key"), request.get("Item")):
            if item:
                yield table, "", item.get(attribute)
        for value in queried(request, attribute):
            yield table, "", value
    for table, entries in (request.get("RequestItems") or {}).items():
        items = entries.get("Keys", []) if isinstance(entries, dict) else [
            member.get("Item") or member.get("Key") for entry in entries for member in entry.values()]
        for item in items:
            yield table, "", item.get(key_of(table))
    for entry in request.get("TransactItems") or []:
        for member, action in ITEM_ACTIONS.items():
            if part := entry.get(member):
                item = part.get("Item") or part.get("Key") or {}
                yield part["TableName"], f"dynamodb:{action}", item.get(key_of(part["TableName"]))


def apply() -> None:
    from ministack.core import iam_actions, iam_evaluator
    from ministack.services import dynamodb

    conditions, decide = iam_actions.dynamodb_service_context, iam_evaluator.enforce
    expect("leading_keys", conditions, 'context["dynamodb:Select"] = select return context')

    def with_keys(body: bytes) -> dict:
        found = conditions(body)
        try:
            request = json.loads(body or b"{}")
            keys = [(table.rsplit("/", 1)[-1], action, next(iter(value.values())))
                    for table, action, value in partition_keys(dynamodb._tables, request) if value]
        except (ValueError, AttributeError, TypeError, KeyError):
            return found  # not a request that DynamoDB accepts
        return {**found, KEYS: keys} if keys else found

    @functools.wraps(decide)
    def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        if KEYS in (service_context or {}):
            table = resource_arn.partition("/")[2].partition("/")[0]
            own = [value for name, action, value in service_context[KEYS]
                   if name == table and action in ("", iam_action)]
            service_context = {**service_context, KEYS: list(dict.fromkeys(own)) or None}
        return decide(access_key_id, iam_action, service, region, resource_arn, service_context)

    iam_actions.dynamodb_service_context, iam_evaluator.enforce = with_keys, enforce
