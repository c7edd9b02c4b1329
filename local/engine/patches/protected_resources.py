"""Refuse to overwrite an existing table and to delete protected resources.

AWS: a stack fails that creates a table whose name is taken. A table or user pool
with deletion protection refuses its deletion, and so does a bucket with objects;
the stack then ends as DELETE_FAILED.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-existing-stack.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html
Engine 1.5.33: a new table replaces the old one and its items; everything goes
with its stack, and DeleteUserPool ignores the protection.
Delete when the create and delete handlers call the services.
"""

from patches import expect

PROTECTED = "The user pool cannot be deleted because deletion protection is activated. " \
            "Deletion protection must be inactivated first."


def apply() -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import cognito, dynamodb, s3
    from ministack.services.cloudformation import provisioners

    expect("protected_resources", provisioners._ddb_create, "_dynamodb._tables[name] = table")
    expect("protected_resources", provisioners._ddb_delete, "_dynamodb._tables.pop(physical_id, None)")
    expect("protected_resources", provisioners._s3_delete, "_s3._buckets.pop(physical_id, None)")
    expect("protected_resources", provisioners._cognito_user_pool_delete, "_cognito._user_pools.pop(physical_id, None)")
    expect("protected_resources", cognito._delete_user_pool, "del _user_pools[pid]")

    def refuse_create(kind: str) -> None:
        handlers = provisioners._RESOURCE_HANDLERS[kind]
        create = handlers["create"]

        def created(logical_id, props, stack):
            name = props.get("TableName")
            if name in dynamodb._tables:
                raise ValueError(f"Resource of type '{kind}' with identifier '{name}' already exists.")
            return create(logical_id, props, stack)

        handlers["create"] = created

    def refuse_delete(kind: str, why) -> None:
        handlers = provisioners._RESOURCE_HANDLERS[kind]
        delete = handlers["delete"]

        def deleted(physical_id, props):
            if refusal := why(physical_id):
                raise ValueError(refusal)
            return delete(physical_id, props)

        handlers["delete"] = deleted

    def protected_table(name: str) -> str:
        protected = str((dynamodb._tables.get(name) or {}).get("DeletionProtectionEnabled")).lower() == "true"
        return f"Resource cannot be deleted as it is currently protected against deletion: table {name}" if protected else ""

    def protected_pool(pool_id: str) -> str:
        return PROTECTED if (cognito._user_pools.get(pool_id) or {}).get("DeletionProtection") == "ACTIVE" else ""

    def filled_bucket(name: str) -> str:
        filled = (s3._buckets.get(name) or {}).get("objects") or s3._bucket_has_versions(name)
        return "The bucket you tried to delete is not empty" if filled else ""

    for kind in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
        refuse_create(kind)
        refuse_delete(kind, protected_table)
    refuse_delete("AWS::Cognito::UserPool", protected_pool)
    refuse_delete("AWS::S3::Bucket", filled_bucket)
    delete_pool = cognito._delete_user_pool

    def pool_deleted(request):
        if refusal := protected_pool(request.get("UserPoolId")):
            return error_response_json("InvalidParameterException", refusal, 400)
        return delete_pool(request)

    cognito._delete_user_pool = pool_deleted
