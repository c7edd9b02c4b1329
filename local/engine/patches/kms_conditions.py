"""A call to KMS is judged by its key and its encryption context.

AWS: the resource of a KMS call is the key's ARN also when the call names an
alias, and policies can ask for kms:EncryptionContext:<key>,
kms:EncryptionContextKeys and kms:RequestAlias.
Engine 1.5.33: takes the alias for the resource and knows none of the three, so
a grant on the key denies calls by alias and a condition on the context denies
everything.
Can go when extract_resource_arn resolves aliases and a KMS request has a
context.
"""

import json

from patches import expect


def conditions(body: bytes) -> dict:
    """The KMS condition keys a request carries."""
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
