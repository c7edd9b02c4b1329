"""Tells a queue that it was invoked."""

import os

import botocore.session

sqs = botocore.session.Session().create_client("sqs")


def handler(_event, _context):
    sqs.send_message(QueueUrl=os.environ["RESULTS"], MessageBody=os.environ["NAME"])
