"""Authorize SendEmail on the sender's identity.

AWS: authorizes ses:SendEmail on the sender's verified identity, and on the
configuration set when the call names one. The condition key ses:FromAddress has
the sender.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonses.html
Engine 1.5.33: authorizes SES v2 SendEmail on "*", so a grant on one identity
does not allow the call.
Delete when _ses_v2_resource_arn knows /v2/email/outbound-emails.
"""

import email.utils
import json

from patches import expect

SEND = "/v2/email/outbound-emails"


def resources(request: dict, known, region: str, account: str) -> list[str]:
    """Return the ARNs of the sender's identity and of the configuration set."""
    sender = email.utils.parseaddr(request.get("FromEmailAddress", ""))[1]
    identity = sender if sender in known else sender.rpartition("@")[2]
    arns = [request.get("FromEmailAddressIdentityArn") or f"arn:aws:ses:{region}:{account}:identity/{identity}"]
    if name := request.get("ConfigurationSetName"):
        arns.append(f"arn:aws:ses:{region}:{account}:configuration-set/{name}")
    return arns


def apply() -> None:
    from ministack import app
    from ministack.core import iam_actions
    from ministack.core.responses import get_account_id
    from ministack.core.router import extract_region
    from ministack.services import ses_v2

    judge = app._enforce_ses_v2
    expect("email_identity", iam_actions._ses_v2_resource_arn, "parts[2] not in _SES_V2_RESOURCES")
    expect("email_identity", judge, 'iam_action = extract_iam_action("ses", method, path')

    def enforce(method, path, headers, body, query, request_id):
        if method != "POST" or path.rstrip("/") != SEND:
            return judge(method, path, headers, body, query, request_id)
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            request = {}
        sender = {"ses:FromAddress": email.utils.parseaddr(request.get("FromEmailAddress", ""))[1]}
        for arn in resources(request, ses_v2._identities, extract_region(headers, query), get_account_id()):
            denied = app._enforce_data_plane("sesv2", "ses:SendEmail", headers, query, request_id,
                                             resource_arn=arn, service_context=sender, named_resource=arn)
            if denied:
                return denied
        return None

    app._enforce_ses_v2 = enforce
