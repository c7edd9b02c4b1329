"""Answer queries of attributes that an index does not project; change one global index at a time.

AWS: a global index refuses ALL_ATTRIBUTES and attributes that it does not project;
a local one fetches them from the table. One update of a table creates or deletes
one global index.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
Engine 1.5.33: leaves such attributes out without an error, and changes several
indexes at once. A filter of a global index still sees the whole item.
Delete when _query and _update_table refuse them.
"""

import contextvars

from patches import expect

GLOBAL, LOCAL = "GlobalSecondaryIndexes", "LocalSecondaryIndexes"
ONE_INDEX = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
ONE_INDEX_CLOUDFORMATION = "Cannot perform more than one GSI creation or deletion in a single update"
fetches = contextvars.ContextVar("a local index fetches from the table", default=False)


def requested(request: dict) -> list[str]:
    """The top-level attributes that a request wants to read."""
    names = request.get("ExpressionAttributeNames") or {}
    paths = (request.get("ProjectionExpression") or "").split(",") + (request.get("AttributesToGet") or [])
    heads = [path.strip().split(".")[0].split("[")[0] for path in paths]
    return [names.get(head, head) for head in heads if head]


def projected(table: dict, index: dict) -> set[str]:
    keys = {key["AttributeName"] for key in table["KeySchema"] + index["KeySchema"]}
    return keys | set(index["Projection"].get("NonKeyAttributes") or [])


def apply() -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import dynamodb
    from ministack.services.cloudformation import provisioners

    query, scan, update, project = (
        dynamodb._query, dynamodb._scan, dynamodb._update_table, dynamodb._apply_index_projection)
    expect("secondary_indexes", query, "_apply_index_projection(it, table, index_name)")
    expect("secondary_indexes", scan, "_apply_index_projection(")
    expect("secondary_indexes", project, 'if ptype == "ALL": return item')

    def refusal(table: dict, index: dict, request: dict) -> str:
        name = index["IndexName"]
        if request.get("Select") == "ALL_ATTRIBUTES":
            return (f"One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for "
                    f"global secondary index {name} because its projection type is not ALL")
        missing = [attribute for attribute in requested(request) if attribute not in projected(table, index)]
        return (f"One or more parameter values were invalid: Global secondary index {name} does not project "
                f"[{', '.join(missing)}]") if missing else ""

    def reading(read):
        def checked(request):
            table = dynamodb._tables.get(str(request.get("TableName", "")).rsplit("/", 1)[-1]) or {}
            index = dynamodb._index_def(table, request["IndexName"]) if table and request.get("IndexName") else None
            if not index or (index.get("Projection") or {}).get("ProjectionType", "ALL") == "ALL":
                return read(request)
            if index in table[GLOBAL]:
                why = refusal(table, index, request)
                return error_response_json("ValidationException", why, 400) if why else read(request)
            token = fetches.set(request.get("Select") == "ALL_ATTRIBUTES" or bool(requested(request)))
            try:
                return read(request)
            finally:
                fetches.reset(token)

        return checked

    def updated(request):
        changes = [change for change in request.get("GlobalSecondaryIndexUpdates") or [] if change.keys() & {"Create", "Delete"}]
        return error_response_json("LimitExceededException", ONE_INDEX, 400) if len(changes) > 1 else update(request)

    def one_by_one(kind: str) -> None:
        handlers = provisioners._RESOURCE_HANDLERS[kind]
        change = handlers["update"]

        def changed(physical_id, old, new, *rest):
            before, after = ({index["IndexName"] for index in props.get(GLOBAL, [])} for props in (old, new))
            if len(before ^ after) > 1 and old.get("TableName") == new.get("TableName"):
                raise ValueError(ONE_INDEX_CLOUDFORMATION)
            return change(physical_id, old, new, *rest)

        handlers["update"] = changed

    dynamodb._query, dynamodb._scan, dynamodb._update_table = reading(query), reading(scan), updated
    dynamodb._apply_index_projection = lambda item, table, index: item if fetches.get() else project(item, table, index)
    one_by_one("AWS::DynamoDB::Table")
    one_by_one("AWS::DynamoDB::GlobalTable")
