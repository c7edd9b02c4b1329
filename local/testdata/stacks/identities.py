"""Tells a queue whose items changed, and by whom."""

import os

import botocore.session

sqs = botocore.session.Session().create_client("sqs")


def handler(event, _context):
    for record in event["Records"]:
        item, identity = record["dynamodb"]["OldImage"]["id"]["S"], record["userIdentity"]["principalId"]
        sqs.send_message(QueueUrl=os.environ["RESULTS"], MessageBody=f"{item} by {identity}")
