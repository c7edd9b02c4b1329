"""Keep the headers of an e-mail.

AWS: adds the headers that SendEmail names to a simple message.
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageHeader.html
Engine 1.5.33: drops them, and lists sent messages without headers.
Delete when the list of sent messages has them.
"""

import json

from patches import expect

SEND = "/v2/email/outbound-emails"


def apply() -> None:
    from ministack import app
    from ministack.services import ses_v2

    send, show = ses_v2.handle_request, app._handle_ses_messages_request
    expect("email_headers", send, 'body_html = simple.get("Body", {}).get("Html", {}).get("Data", "")',
           '"Type": "v2.SendEmail", }', "_sent_emails_list().append(record)")
    expect("email_headers", show, '"Timestamp": rec["Timestamp"], "Type": rec["Type"], }', "mod._sent_emails.to_dict()")

    async def keep(method, path, headers, body, query_params):
        answer = await send(method, path, headers, body, query_params)
        if method == "POST" and path.rstrip("/") == SEND and answer[0] == 200:
            sent = json.loads(answer[2])["MessageId"]
            for record in ses_v2._sent_emails_list():
                if record["MessageId"] == sent:
                    record["Headers"] = json.loads(body).get("Content", {}).get("Simple", {}).get("Headers", [])
        return answer

    async def list_with_headers(*arguments):
        answer = await show(*arguments)
        if answer is None or answer[0] != 200:
            return answer
        kept = {}
        for records in app._get_module("ses")._sent_emails.to_dict().values():
            kept.update((record["MessageId"], record.get("Headers", [])) for record in records)
        listed = json.loads(answer[2])
        for messages in listed["messages"].values():
            for message in messages:
                message["Headers"] = kept.get(message["MessageId"], [])
        return answer[0], answer[1], json.dumps(listed).encode()

    ses_v2.handle_request = keep
    app._handle_ses_messages_request = list_with_headers
