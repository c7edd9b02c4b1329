"""Apply the settings of a topic from a template.

AWS: KmsMasterKeyId, FifoTopic, ContentBasedDeduplication and their like take
effect.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html
Engine 1.5.33: keeps the display name only, so a topic is neither encrypted nor
first-in-first-out.
Delete when _sns_create stores them.
"""

import json

from patches import expect

SETTINGS = ("KmsMasterKeyId", "FifoTopic", "ContentBasedDeduplication", "FifoThroughputScope", "SignatureVersion",
            "TracingConfig", "ArchivePolicy", "DataProtectionPolicy")


def text(value) -> str:
    """A setting as SNS stores attributes."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


def apply() -> None:
    from ministack.services import sns
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS["AWS::SNS::Topic"]
    create, update = handlers["create"], handlers["update"]
    expect("topics", create, '"DisplayName": props.get("DisplayName", name), "Owner": get_account_id(),')
    expect("topics", update, 'topic["attributes"]["DisplayName"] = new_props.get("DisplayName", name)')

    def settle(result, props: dict):
        topic = sns._topics[result[0]]
        for name in SETTINGS:
            topic["attributes"].pop(name, None)
        topic["attributes"].update({name: text(props[name]) for name in SETTINGS if props.get(name) is not None})
        if topic["attributes"].get("FifoTopic") == "true":
            topic["attributes"].setdefault("ContentBasedDeduplication", "false")
        return result

    handlers["create"] = lambda logical_id, props, stack: settle(create(logical_id, props, stack), props)
    handlers["update"] = lambda physical_id, old, new, stack, *logical_id: settle(
        update(physical_id, old, new, stack, *logical_id), new)
