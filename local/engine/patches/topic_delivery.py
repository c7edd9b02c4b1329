"""Deliver from a topic only where the function or the key allows it.

AWS: SNS invokes a function that permits it for the topic, and sends to a queue
with a customer-managed key whose policy lets sns.amazonaws.com use the key.
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
Engine 1.5.33: looks at the queue's policy only. What is not delivered is not
tried again here.
Delete when _deliver_to_lambda and _deliver_to_sqs evaluate both.
"""

import logging

from patches import expect
from patches.invoke_permission import permitted
from service_calls import customer_key, key_lets_service

SERVICE = "sns.amazonaws.com"
log = logging.getLogger("sns")


def apply() -> None:
    from ministack.services import sns, sqs

    to_function, to_queue = sns._deliver_to_lambda, sns._deliver_to_sqs
    expect("topic_delivery", sns._fanout, "args=(_deliver_to_lambda, endpoint, envelope, topic_arn,",
           "_deliver_to_sqs(endpoint, envelope, raw, effective_message,", "topic_arn=topic_arn)")

    def invoke(endpoint, envelope, topic_arn, *rest):
        if permitted(SERVICE, endpoint, topic_arn):
            return to_function(endpoint, envelope, topic_arn, *rest)
        log.error("%s may not invoke %s: its policy does not allow it", topic_arn, endpoint)

    def send(endpoint, *args, topic_arn="", **kwargs):
        key = customer_key(((sqs._queue_by_arn(endpoint) or {}).get("attributes") or {}).get("KmsMasterKeyId"))
        if not key or key_lets_service(key, SERVICE, topic_arn, {"aws:sqs:arn": endpoint}):
            return to_queue(endpoint, *args, topic_arn=topic_arn, **kwargs)
        log.error("%s may not send to %s: the policy of %s does not let %s use it", topic_arn, endpoint, key, SERVICE)

    sns._deliver_to_lambda, sns._deliver_to_sqs = invoke, send
