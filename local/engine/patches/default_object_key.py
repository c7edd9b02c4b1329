"""Write an object under aws:kms that names no key.

AWS: an object whose request says aws:kms and no key is encrypted under the AWS
managed key aws/s3. The CDK CLI publishes assets so, to a bucket without a key of
its own.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
Engine 1.5.33: answers 400 InvalidArgument. Here the request gets the key's alias.
Delete when _resolve_sse_write_headers accepts such a request.
"""

from patches import expect

KEY = "x-amz-server-side-encryption-aws-kms-key-id"


def apply() -> None:
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import s3

    resolve = s3._resolve_sse_write_headers
    expect("default_object_key", resolve, f'kms = headers.get("{KEY}", "") if not kms: return None, _error(')

    def with_key(headers, bucket_name):
        if headers.get("x-amz-server-side-encryption") == "aws:kms" and not headers.get(KEY):
            headers = {**headers, KEY: f"arn:aws:kms:{get_region()}:{get_account_id()}:alias/aws/s3"}
        return resolve(headers, bucket_name)

    s3._resolve_sse_write_headers = with_key
