"""Apply the settings of a bucket from a template.

AWS: BucketEncryption, LifecycleConfiguration, OwnershipControls,
LoggingConfiguration and Tags take effect.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
Engine 1.5.33: drops them all. Here S3 has them, although no lifecycle runs and
no access log is written. Object lock stays dropped.
Delete when _S3_BUCKET_CONFIGURATIONS has them.
"""

from xml.etree.ElementTree import Element, SubElement, tostring

from patches import Outdated, expect


def xml(tag: str, content: dict, namespace: str) -> bytes:
    """The request body that has nested members as elements, and lists as repeated ones."""
    def add(parent, name, value):
        for one in value if isinstance(value, list) else [value]:
            if one is None:
                continue
            element = SubElement(parent, name)
            if isinstance(one, dict):
                for key, member in one.items():
                    add(element, key, member)
            else:
                element.text = str(one).lower() if isinstance(one, bool) else str(one)

    root = Element(tag, xmlns=namespace)
    for key, member in content.items():
        add(root, key, member)
    return tostring(root, encoding="utf-8")


def encryption(prop: dict) -> dict:
    return {"Rule": [{"ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault"),
                      "BucketKeyEnabled": rule.get("BucketKeyEnabled")}
                     for rule in prop.get("ServerSideEncryptionConfiguration") or []]}


def lifecycle_rule(rule: dict) -> dict:
    """A rule as the S3 API has it, from the rule of a template."""
    conditions = {key: rule[key] for key in ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan") if key in rule}
    if rule.get("TagFilters"):
        conditions["Tag"] = rule["TagFilters"]
    several = len(conditions) > 1 or len(rule.get("TagFilters") or []) > 1
    expiration = {"Days": rule.get("ExpirationInDays"), "Date": rule.get("ExpirationDate"),
                  "ExpiredObjectDeleteMarker": rule.get("ExpiredObjectDeleteMarker")}
    noncurrent = rule.get("NoncurrentVersionExpiration") or {"NoncurrentDays": rule.get("NoncurrentVersionExpirationInDays")}
    moves = (rule.get("Transitions") or []) + ([rule["Transition"]] if "Transition" in rule else [])
    return {
        "ID": rule.get("Id"), "Filter": {"And": conditions} if several else conditions or {"Prefix": ""},
        "Status": rule["Status"],
        "Expiration": expiration if any(value is not None for value in expiration.values()) else None,
        "NoncurrentVersionExpiration": noncurrent if any(value is not None for value in noncurrent.values()) else None,
        "Transition": [{"Days": move.get("TransitionInDays"), "Date": move.get("TransitionDate"),
                        "StorageClass": move["StorageClass"]} for move in moves],
        "NoncurrentVersionTransition": [{"NoncurrentDays": move["TransitionInDays"], "StorageClass": move["StorageClass"]}
                                        for move in rule.get("NoncurrentVersionTransitions") or []],
        "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
    }


def logging(prop: dict, bucket: str) -> dict:
    return {"LoggingEnabled": {"TargetBucket": prop.get("DestinationBucketName", bucket),
                               "TargetPrefix": prop.get("LogFilePrefix", "")}}


def apply() -> None:
    from ministack.services import s3
    from ministack.services.cloudformation import provisioners

    expect("buckets", provisioners._s3_apply_configurations, "for prop, to_xml, put, delete in _S3_BUCKET_CONFIGURATIONS:")
    known, settings = {row[0] for row in provisioners._S3_BUCKET_CONFIGURATIONS}, provisioners._s3_apply_configurations
    for name in ("BucketEncryption", "LifecycleConfiguration", "OwnershipControls", "LoggingConfiguration", "Tags"):
        if name in known:
            raise Outdated("buckets", f"it stores {name} itself")

    def put(name: str, prop: str, response: tuple) -> None:
        if response[0] >= 400:
            raise ValueError(f"{prop} of {name}: {response[2]!r}")

    def settle(name, props, old_props=None):
        settings(name, props, old_props)
        body = lambda tag, content: xml(tag, content, s3.S3_NS)  # noqa: E731
        if "BucketEncryption" in props:
            put(name, "BucketEncryption", s3._put_bucket_encryption(
                name, body("ServerSideEncryptionConfiguration", encryption(props["BucketEncryption"]))))
        if "OwnershipControls" in props:
            put(name, "OwnershipControls", s3._put_bucket_ownership_controls(
                name, body("OwnershipControls", {"Rule": props["OwnershipControls"]["Rules"]})))
        rules = (props.get("LifecycleConfiguration") or {}).get("Rules")
        if rules:
            put(name, "LifecycleConfiguration", s3._put_bucket_lifecycle(
                name, body("LifecycleConfiguration", {"Rule": [lifecycle_rule(rule) for rule in rules]})))
        if "LoggingConfiguration" in props:
            put(name, "LoggingConfiguration", s3._put_bucket_logging(
                name, body("BucketLoggingStatus", logging(props["LoggingConfiguration"], name))))
        if "Tags" in props:
            tags = [{"Key": tag["Key"], "Value": tag["Value"]} for tag in props["Tags"]]
            put(name, "Tags", s3._put_bucket_tagging(name, body("Tagging", {"TagSet": {"Tag": tags}})))
        for prop, forget in (("BucketEncryption", s3._bucket_encryption), ("LifecycleConfiguration", s3._bucket_lifecycle),
                             ("LoggingConfiguration", s3._bucket_logging_config), ("Tags", s3._bucket_tags)):
            if prop in (old_props or {}) and prop not in props:
                forget.pop(name, None)

    provisioners._s3_apply_configurations = settle
