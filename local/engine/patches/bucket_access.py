"""Ask for the key of an encrypted object; hide missing objects from callers that may not list.

AWS: writing an object under a customer-managed key calls kms:GenerateDataKey as
the caller, reading it kms:Decrypt, through a presigned URL or form as well. A
missing object answers 403 to a caller without s3:ListBucket. A notification
invokes a function only with the function's permission.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
Engine 1.5.33: asks nothing of the key, answers 404 to everyone, and invokes
without permission. The patch does not see a key that a form names itself.
Delete when S3 of the engine calls its KMS.
"""

import functools
import inspect
import logging

from patches import expect
from patches.invoke_permission import permitted
from service_calls import customer_key, denied, key_conditions

ALGORITHM = "x-amz-server-side-encryption"
KEY = f"{ALGORITHM}-aws-kms-key-id"
ACTIONS = {"s3:PutObject": "kms:GenerateDataKey", "s3:GetObject": "kms:Decrypt", "s3:GetObjectVersion": "kms:Decrypt"}
log = logging.getLogger("s3")


def apply() -> None:
    from ministack import app
    from ministack.core import iam_actions, iam_evaluator
    from ministack.core.responses import get_region
    from ministack.core.router import extract_access_key_id
    from ministack.services import s3

    decide, handle, invoke = iam_evaluator.enforce, app.SERVICE_HANDLERS["s3"], s3._deliver_event_to_lambda
    conditions = iam_actions.s3_service_context
    expect("bucket_access", conditions, "return _s3_object_context(iam_action, query_params or {}, path, headers or {})")
    expect("bucket_access", s3._bucket_default_sse_headers, f'out["{KEY}"] = kms')
    expect("bucket_access", s3._get_object, "if key not in bucket[\"objects\"]:", '"NoSuchKey"')
    expect("bucket_access", invoke, "func, config, func_name = _lambda._get_func_record_for_ref(arn)")

    def conditions_with_key(iam_action, query, path="", headers=None):
        """Add the key that a request names, which is a condition key on AWS as well."""
        found = conditions(iam_action, query, path, headers)
        return {**found, f"s3:{KEY}": headers[KEY]} if headers and headers.get(KEY) else found

    def object_key(action: str, bucket: str, key: str, context: dict) -> str:
        """Return the customer-managed key of an object that is written or read, "" for none."""
        if action == "s3:PutObject":
            if context.get(f"s3:{ALGORITHM}"):
                return customer_key(context.get(f"s3:{KEY}"))
            return customer_key(s3._bucket_default_sse_headers(bucket).get(KEY))
        stored = ((s3._buckets.get(bucket) or {}).get("objects") or {}).get(key) or {}
        return customer_key((stored.get("preserved_headers") or {}).get(KEY))

    @functools.wraps(decide)
    def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        outcome = decide(access_key_id, iam_action, service, region, resource_arn, service_context)
        if outcome is not None or iam_action not in ACTIONS:
            return outcome
        bucket, _, name = resource_arn.removeprefix("arn:aws:s3:::").partition("/")
        key = object_key(iam_action, bucket, name, service_context or {})
        if not key:
            return None
        per_bucket = b"<BucketKeyEnabled>true" in s3._bucket_encryption.get(bucket, "").encode()
        encryption = {"aws:s3:arn": f"arn:aws:s3:::{bucket}" if per_bucket else resource_arn}
        return denied(access_key_id, ACTIONS[iam_action], key, key_conditions("s3", encryption))

    async def guarded(method, path, headers, body, query, *args, **kwargs):
        response = await handle(method, path, headers, body, query, *args, **kwargs)
        bucket, name = s3._parse_bucket_key(path, headers)
        if response[0] != 404 or method not in ("GET", "HEAD") or not name or bucket not in s3._buckets:
            return response
        # S3 asks this of itself: it is no call of the caller's to record.
        unlisted = inspect.unwrap(iam_evaluator.enforce)(
            extract_access_key_id(headers, query), "s3:ListBucket", "s3", get_region(), f"arn:aws:s3:::{bucket}")
        if not unlisted:
            return response
        status, found, answer = s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}/{name}")
        return status, found, b"" if method == "HEAD" else answer

    def deliver(function, event, bucket_region):
        source = event["Records"][0]["s3"]["bucket"]["arn"] if event.get("Records") else ""
        if source and not permitted("s3.amazonaws.com", function, source):
            log.error("%s may not invoke %s: its policy does not allow it", source, function)
            return
        invoke(function, event, bucket_region)

    iam_evaluator.enforce, app.SERVICE_HANDLERS["s3"] = enforce, guarded
    iam_actions.s3_service_context, s3._deliver_event_to_lambda = conditions_with_key, deliver
