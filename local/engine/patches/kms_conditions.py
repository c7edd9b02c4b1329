"""Authorize KMS calls on the key's ARN and by the encryption context.

AWS: the resource of a KMS call is the key's ARN, also when the call names an
alias. The condition keys are kms:EncryptionContext:<key>,
kms:EncryptionContextKeys and kms:RequestAlias.
Engine 1.5.33: uses the alias as the resource and sets none of the three keys. A
grant on the key therefore does not allow calls by alias, and a grant with a
condition on the context allows no call.
Delete when extract_resource_arn resolves aliases and a KMS request has these
keys.
"""

import functools
import json

from patches import expect


def conditions(body: bytes) -> dict:
    """Return the KMS condition keys of a request."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return {}
    context = request.get("EncryptionContext")
    found = {}
    if isinstance(context, dict) and context:
        found = {f"kms:EncryptionContext:{key}": value for key, value in context.items()}
        found["kms:EncryptionContextKeys"] = list(context)
    if str(request.get("KeyId", "")).startswith("alias/"):
        found["kms:RequestAlias"] = request["KeyId"]
    return found


def apply() -> None:
    from ministack.core import iam_actions
    from ministack.services import kms

    resource, tags = iam_actions.extract_resource_arn, iam_actions.request_tag_context
    expect("kms_conditions", resource, 'if key_id.startswith("alias/"): return f"arn:aws:kms:')

    @functools.wraps(resource)
    def resource_of(service, *args, **kwargs):
        arn = resource(service, *args, **kwargs)
        if service != "kms" or ":alias/" not in arn:
            return arn
        key = kms._resolve_key(arn)
        return key["Arn"] if key else arn

    def context_of(service, iam_action, body, params):
        found = tags(service, iam_action, body, params)
        return {**found, **conditions(body)} if service == "kms" else found

    iam_actions.extract_resource_arn = resource_of
    iam_actions.request_tag_context = context_of
