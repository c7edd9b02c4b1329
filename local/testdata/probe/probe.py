"""Calls the AWS operation in the request with the permissions of this function's role."""

import json
import os

import botocore.exceptions
import botocore.session


def put(name):
    """Return the call that an event from outside the API makes."""
    return {"service": "dynamodb", "operation": "put_item",
            "input": {"TableName": "probe", "Item": {"id": {"S": name}}}}


def handler(event, _context):
    request = json.loads(event["body"]) if "body" in event else put(event["write"])
    if request.get("fail"):
        raise RuntimeError("a detail that clients must not see")
    if request.get("echo"):
        return {"statusCode": 200, "body": json.dumps({"path": event["rawPath"], "headers": event["headers"]})}
    if name := request.get("variable"):
        return {"statusCode": 200, "body": os.environ.get(name, "not set")}
    client = botocore.session.Session().create_client(request["service"])
    try:
        result = getattr(client, request["operation"])(**request["input"])
    except botocore.exceptions.ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        return {"statusCode": 200, "body": json.dumps({"error": code, "message": message})}
    result.pop("ResponseMetadata")
    return {"statusCode": 200, "body": json.dumps({"result": result}, default=str)}
