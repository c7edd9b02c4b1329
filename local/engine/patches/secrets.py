"""Provision a secret from a template as AWS does.

AWS: Ref of AWS::SecretsManager::Secret is the ARN. GenerateSecretString follows
all its properties (ExcludePunctuation, …). AWS::SecretsManager::ResourcePolicy
is the secret's policy.
Engine 1.5.33: Ref is the name, so a grant on Ref allows nothing. Of the
generator's properties, only ExcludeCharacters has an effect. The type of the
policy is unknown.
Delete when the create handler returns the ARN and uses GetRandomPassword, and the
engine knows the type.
"""

import json

from patches import Outdated, expect

TYPE = "AWS::SecretsManager::Secret"
POLICY_TYPE = "AWS::SecretsManager::ResourcePolicy"


def generated(service, spec: dict) -> str:
    """Return a random password, inside the JSON of SecretStringTemplate when there is one."""
    numbers = {**spec, "PasswordLength": int(spec.get("PasswordLength", 32))}
    flags = {k: v == "true" if v in ("true", "false") else v for k, v in numbers.items()}
    status, _, body = service._get_random_password(flags)
    if status >= 400:
        raise ValueError(f"GenerateSecretString: {json.loads(body)}")
    password = json.loads(body)["RandomPassword"]
    if not spec.get("SecretStringTemplate"):
        return password
    return json.dumps({**json.loads(spec["SecretStringTemplate"]), spec["GenerateStringKey"]: password})


def policy_handlers(service) -> dict:
    def put(props: dict):
        status, _, body = service._put_resource_policy({
            "SecretId": props["SecretId"], "ResourcePolicy": json.dumps(props["ResourcePolicy"])})
        if status >= 400:
            raise ValueError(json.loads(body))
        return props["SecretId"], {"Id": props["SecretId"]}

    return {"create": lambda _logical_id, props, _stack: put(props),
            "update": lambda _physical_id, _old, new, _stack: put(new),
            "delete": lambda _physical_id, props: service._delete_resource_policy({"SecretId": props["SecretId"]})}


def apply() -> None:
    from ministack.services import secretsmanager as service
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS[TYPE]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]
    given = provisioners._sm_secret_string
    expect("secrets", create, 'return name, {"Id": arn, "Arn": arn}')
    expect("secrets", update, "_sm._secrets.get(physical_id)")
    expect("secrets", delete, "_sm._secrets.get(physical_id)")
    expect("secrets", given, 'exclude = gen.get("ExcludeCharacters", "")')

    if POLICY_TYPE in provisioners._RESOURCE_HANDLERS:
        raise Outdated("secrets", f"it provisions {POLICY_TYPE} itself")

    def by_arn(result):
        _, attributes = result
        return attributes["Id"], attributes

    def name_of(arn: str) -> str:
        name, _ = service._resolve(arn)
        return name or arn

    def secret_string(props):
        spec = props.get("GenerateSecretString")
        return given(props) if props.get("SecretString") or not spec else generated(service, spec)

    provisioners._sm_secret_string = secret_string
    handlers["create"] = lambda logical_id, props, stack: by_arn(create(logical_id, props, stack))
    handlers["update"] = lambda physical_id, old, new, stack, logical_id=None: by_arn(
        update(name_of(physical_id), old, new, stack, logical_id))
    handlers["delete"] = lambda physical_id, props: delete(name_of(physical_id), props)
    provisioners._RESOURCE_HANDLERS[POLICY_TYPE] = policy_handlers(service)
