"""Tells a queue which records each batch has, then treats them as their ids ask."""

import os
import time

import botocore.session

sqs = botocore.session.Session().create_client("sqs")


def place(record):
    """What a record is called, and how a response names it."""
    if "dynamodb" in record:
        return record["dynamodb"]["Keys"]["id"]["S"], record["dynamodb"]["SequenceNumber"]
    return record["body"], record["messageId"]


def handler(event, _context):
    places = [place(record) for record in event["Records"]]
    ids = [name for name, _ in places]
    sqs.send_message(QueueUrl=os.environ["RESULTS"], MessageBody=" ".join(ids))
    if any(name.startswith("slow") for name in ids):
        time.sleep(6)
    if any(name.startswith("error") for name in ids):
        raise RuntimeError("a record that cannot be processed")
    return {"batchItemFailures": [{"itemIdentifier": number} for name, number in places if name.startswith("named")]}
