"""Write a stream record for an item that expires.

AWS: the deletion of an expired item is in the table's stream, with
dynamodb.amazonaws.com as the principal of its userIdentity.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
Engine 1.5.33: deletes the item without a record. It looks once a minute; AWS
takes up to a few days.
Delete when _ttl_reaper emits stream events.
"""

import contextvars
import threading

from patches import expect

REAPER = "dynamodb-ttl-reaper"
IDENTITY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def apply() -> None:
    from ministack.core.responses import set_request_account_id, set_request_region
    from ministack.services import dynamodb

    remove, build = dynamodb._remove_item, dynamodb._build_change_record
    expect("expired_items", dynamodb._ttl_reaper, "_remove_item(table, pk_val, sk_val)")
    expect("expired_items", dynamodb._emit_stream_event, "_build_change_record(table, event_name, old_item, new_item, view_type)")

    def expires() -> bool:
        return threading.current_thread().name == REAPER

    def emit(table: dict, item: dict) -> None:
        region, account = table["TableArn"].split(":")[3:5]
        set_request_account_id(account)
        set_request_region(region)
        dynamodb._emit_stream_event(table["TableName"], "REMOVE", item, None)

    def removed(table, pk_val, sk_val):
        item = remove(table, pk_val, sk_val)
        if item is not None and expires():
            contextvars.copy_context().run(emit, table, item)
        return item

    def built(*args):
        record = build(*args)
        return {**record, "userIdentity": IDENTITY} if expires() else record

    dynamodb._remove_item, dynamodb._build_change_record = removed, built
