"""Apply the TTL, recovery and encryption settings of a table from a template.

AWS: TimeToLiveSpecification, PointInTimeRecoverySpecification and
SSESpecification take effect; a GlobalTable has most of them on the replica of its
own region.
Engine 1.5.33: ignores all three at create, and the first two at update. It ignores
all settings of a GlobalTable's replica.
Delete when the create handler stores them.
"""

import json

from patches import expect

TABLE = "AWS::DynamoDB::Table"
GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"


def own_replica(props: dict, region: str) -> dict:
    """Return a GlobalTable's properties as Table properties, including those of this region's replica."""
    replica = next((r for r in props.get("Replicas", []) if r.get("Region") == region), {})
    kept = {key: replica[key] for key in (
        "PointInTimeRecoverySpecification", "DeletionProtectionEnabled", "Tags") if key in replica}
    encryption = {**props.get("SSESpecification", {}), **replica.get("SSESpecification", {})}
    return {**props, **kept, **({"SSESpecification": encryption} if encryption else {})}


def require_success(what: str, response: tuple) -> None:
    if response[0] >= 400:
        raise ValueError(f"{what}: {json.loads(response[2])}")


def apply_settings(service, name: str, old: dict, new: dict) -> None:
    """Apply the settings of the template that the engine ignores."""
    ttl, had = new.get("TimeToLiveSpecification"), old.get("TimeToLiveSpecification")
    if ttl:
        enabled = str(ttl.get("Enabled", True)).lower() == "true"
        require_success("time to live", service._update_ttl({
            "TableName": name, "TimeToLiveSpecification": {**ttl, "Enabled": enabled}}))
    elif had:
        require_success("time to live", service._update_ttl({
            "TableName": name, "TimeToLiveSpecification": {**had, "Enabled": False}}))
    recovery = new.get("PointInTimeRecoverySpecification") or {}
    require_success("point-in-time recovery", service._update_continuous_backups({
        "TableName": name, "PointInTimeRecoverySpecification": recovery}))
    encryption = new.get("SSESpecification")
    spec = {**encryption, "Enabled": encryption.get("SSEEnabled", encryption.get("Enabled"))} if encryption else None
    service._tables[name]["SSEDescription"] = service._sse_description_from_spec(spec)


def apply() -> None:
    from ministack.core.responses import get_region
    from ministack.services import dynamodb
    from ministack.services.cloudformation import provisioners

    expect("tables", provisioners._ddb_create, '"SSEDescription": None')
    expect("tables", provisioners._ddb_global_table_create, 'translated.pop("Replicas", None)')

    def patch(kind: str, translate) -> None:
        handlers = provisioners._RESOURCE_HANDLERS[kind]
        create, update = handlers["create"], handlers["update"]

        def created(logical_id, props, stack):
            props = translate(props)
            name, attributes = create(logical_id, props, stack)
            apply_settings(dynamodb, name, {}, props)
            return name, {**attributes, "TableId": dynamodb._tables[name]["TableId"]}

        def updated(physical_id, old, new, stack, *logical_id):
            old, new = translate(old), translate(new)
            name, attributes = update(physical_id, old, new, stack, *logical_id)
            apply_settings(dynamodb, name, old, new)
            return name, {**attributes, "TableId": dynamodb._tables[name]["TableId"]}

        handlers["create"], handlers["update"] = created, updated

    patch(TABLE, lambda props: props)
    patch(GLOBAL_TABLE, lambda props: own_replica(props, get_region()))
