"""Calls the AWS operation the request names, or sends a presigned request, with the rights of this function's role.

A request with a variable instead sends a GET to the address in that environment variable.
"""

import json
import os
import urllib.error
import urllib.request

import botocore.exceptions
import botocore.session


def handler(event, _context):
    request = json.loads(event["body"])
    if "variable" in request:
        try:
            urllib.request.urlopen(os.environ[request["variable"]], timeout=5)
        except urllib.error.HTTPError as error:
            return {"body": json.dumps({"error": str(error.code), "message": error.read().decode()})}
        return {"body": json.dumps({"result": {}})}
    client = botocore.session.Session().create_client(request["service"])
    if request.get("presigned"):
        url = client.generate_presigned_url(request["operation"], Params=request["input"])
        try:
            urllib.request.urlopen(url)
        except urllib.error.HTTPError as error:
            return {"body": json.dumps({"error": str(error.code)})}
        return {"body": json.dumps({"result": {}})}
    try:
        result = getattr(client, request["operation"])(**request["input"])
    except botocore.exceptions.ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        return {"body": json.dumps({"error": code, "message": message})}
    result.pop("ResponseMetadata")
    return {"body": json.dumps({"result": result}, default=str)}
