"""Limit the write units that one partition key takes in a second.

AWS: a partition takes 1,000 write units a second, whatever the table has, and a
partition key with local indexes stays in one partition. A transaction takes two
units a KB of each item, and one a KB of each index entry. Further writes are
refused: a transaction with ThrottlingError as the reason, others with
ThrottlingException.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
Engine 1.5.33: has no limit.
The limit is off unless the stage has one (local.Options.PartitionWriteUnits), because
tests that fill tables would take minutes.
Delete when the engine has such a limit.
"""

import json
import time

from patches import expect

MESSAGE = ("Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index "
           "so please try again shortly. (TableWriteKeyRangeThroughputExceeded)")
UNITS_IN_TRANSACTION = 2


class Partitions:
    """What each partition has left: one second of units, and a debt for a request that takes more."""

    def __init__(self, units_per_second: float):
        self.rate = units_per_second
        self.left: dict[tuple, tuple[float, float]] = {}

    def units(self, partition: tuple) -> float:
        units, at = self.left.get(partition, (self.rate, time.monotonic()))
        return min(self.rate, units + (time.monotonic() - at) * self.rate)

    def take(self, partition: tuple, units: float) -> None:
        self.left[partition] = (self.units(partition) - units, time.monotonic())


def apply(units_per_second: int) -> None:
    if not units_per_second:
        return
    from ministack.core.responses import error_response_json
    from ministack.services import dynamodb

    expect("partition_throughput", dynamodb.handle_request, '"TransactWriteItems": _transact_write_items')
    expect("partition_throughput", dynamodb._put_item, 'table["items"].get(pk_val, {}).get(sk_val)')
    partitions = Partitions(units_per_second)

    def stored(table: dict, key: dict) -> dict | None:
        """A copy of the item with a key."""
        sort = dynamodb._extract_key_val(key[table["sk_name"]]) if table["sk_name"] else "__no_sort__"
        item = table["items"].get(dynamodb._extract_key_val(key[table["pk_name"]]), {}).get(sort)
        return dict(item) if item else None

    def writes(action: str, request: dict) -> list[tuple[dict, dict]]:
        """The table and the key of each write."""
        if action == "TransactWriteItems":
            operations = [op for item in request["TransactItems"] for kind, op in item.items() if kind != "ConditionCheck"]
        elif action == "BatchWriteItem":
            operations = [dict(op, TableName=name) for name, batch in request["RequestItems"].items() for item in batch for op in item.values()]
        else:
            operations = [request]
        found = []
        for op in operations:
            table = dynamodb._tables.get(dynamodb._normalize_table_name(op["TableName"]))
            if table:
                found.append((table, op.get("Item") or op["Key"]))
        return found

    def charge(table: dict, old: dict | None, new: dict | None, factor: int) -> float:
        size = max(dynamodb._item_size_bytes(old or {}), dynamodb._item_size_bytes(new or {}))
        indexes = sum(dynamodb._index_write_units(table, index, old, new) for index in table.get("LocalSecondaryIndexes") or [])
        return factor * dynamodb._capacity_kb(size) + indexes

    def refusal(action: str, count: int):
        if action != "TransactWriteItems":
            return error_response_json("ThrottlingException", MESSAGE, 400)
        body = {"__type": "TransactionCanceledException", "message": "Transaction cancelled [ThrottlingError]",
                "CancellationReasons": [{"Code": "ThrottlingError", "Message": MESSAGE}] * count}
        return 400, {"Content-Type": "application/x-amz-json-1.0", "x-amzn-errortype": "TransactionCanceledException"}, json.dumps(body).encode()

    def limited(action: str, handler):
        def limit(request):
            try:
                touched = [(table, key, (table["TableName"], json.dumps(key[table["pk_name"]])), stored(table, key)) for table, key in writes(action, request)]
            except (AttributeError, KeyError, TypeError):
                return handler(request)  # the engine refuses it
            if any(partitions.units(partition) <= 0 for _, _, partition, _ in touched):
                return refusal(action, len(request.get("TransactItems") or []))
            response = handler(request)
            if response[0] == 200 or action == "TransactWriteItems":  # a refused condition costs as much
                for table, key, partition, old in touched:
                    partitions.take(partition, charge(table, old, stored(table, key), UNITS_IN_TRANSACTION if action == "TransactWriteItems" else 1))
            return response
        return limit

    for action, name in (("PutItem", "_put_item"), ("UpdateItem", "_update_item"), ("DeleteItem", "_delete_item"),
                         ("BatchWriteItem", "_batch_write_item"), ("TransactWriteItems", "_transact_write_items")):
        setattr(dynamodb, name, limited(action, getattr(dynamodb, name)))
