"""Call the rotation function when a secret is rotated.

AWS: RotateSecret labels a new, empty version AWSPENDING and calls the function
for the steps createSecret, setSecret, testSecret and finishSecret until the first
error. Creating or changing an AWS::SecretsManager::RotationSchedule does the same,
unless RotateImmediatelyOnUpdate is false.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
Engine 1.5.33: RotateSecret copies the current value into a new current version
and calls no function; the type of the schedule is unknown. The patch does not
rotate by schedule, only on request.
Delete when RotateSecret calls the function and the engine knows the type.
"""

import json
import logging
import time
import uuid

from patches import Outdated, expect
from patches.invoke_permission import permitted

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
TYPE = "AWS::SecretsManager::RotationSchedule"
SERVICE = "secretsmanager.amazonaws.com"
log = logging.getLogger("secretsmanager")


class Rotation:
    """RotateSecret as on AWS, with the engine's secrets and functions."""

    def __init__(self, secrets, functions, answer, refuse, in_background):
        self.secrets, self.functions = secrets, functions
        self.answer, self.refuse, self.in_background = answer, refuse, in_background

    def rotate(self, request: dict):
        _, secret = self.secrets._resolve(request.get("SecretId"))
        if not secret or secret.get("DeletedDate"):
            return self.refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400)
        function = request.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
        if not function:
            return self.refuse("InvalidRequestException", "No Lambda rotation function ARN is associated "
                                                          "with this secret.", 400)
        if not permitted(SERVICE, function, secret["ARN"]):
            return self.refuse("AccessDeniedException", "Secrets Manager cannot invoke the specified Lambda function. "
                               f"Ensure that the function policy grants access to the principal {SERVICE}", 400)
        pending, _ = self.secrets._find_stage_version(secret, "AWSPENDING")
        current, _ = self.secrets._find_stage_version(secret, "AWSCURRENT")
        if pending and pending != current:
            return self.refuse("InvalidRequestException", "A previous rotation isn't complete. "
                                                          "That rotation will be reattempted.", 400)
        secret.update(RotationEnabled=True, RotationLambdaARN=function,
                      RotationRules=request.get("RotationRules") or secret.get("RotationRules"))
        answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
        if request.get("RotateImmediately", True):
            answer["VersionId"] = self.start(secret, function, request.get("ClientRequestToken") or str(uuid.uuid4()))
        return self.answer(answer)

    def start(self, secret: dict, function: str, token: str) -> str:
        self.secrets._remove_stage_everywhere(secret, "AWSPENDING")
        secret["Versions"][token] = {"SecretString": None, "SecretBinary": None,
                                     "CreatedDate": int(time.time()), "Stages": ["AWSPENDING"]}
        self.in_background(self.run, secret, function, token, thread_name="rotation")
        return token

    def run(self, secret: dict, function: str, token: str) -> None:
        record, config, _ = self.functions._get_func_record_for_ref_in_scope(function)
        record = self.functions._execution_record_for_config(record, config)
        for step in STEPS:
            event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": token}
            result = self.functions._execute_function_with_config_scope(record, event)
            if result.get("error"):
                log.error("rotation of %s failed at %s: %s", secret["Name"], step, result.get("body"))
                return
        secret["LastRotatedDate"] = int(time.time())


def schedule(rotation: Rotation):
    def put(props: dict):
        rules = {k: int(v) if k == "AutomaticallyAfterDays" else v for k, v in props.get("RotationRules", {}).items()}
        immediately = str(props.get("RotateImmediatelyOnUpdate", True)).lower() == "true"
        status, _, body = rotation.rotate({
            "SecretId": props["SecretId"], "RotationLambdaARN": props.get("RotationLambdaARN"),
            "RotationRules": rules, "RotateImmediately": immediately})
        if status >= 400:
            raise ValueError(json.loads(body))
        return props["SecretId"], {"Id": props["SecretId"]}

    def drop(_physical_id, props):
        _, secret = rotation.secrets._resolve(props["SecretId"])
        if secret:
            secret["RotationEnabled"] = False

    return {"create": lambda _logical_id, props, _stack: put(props),
            "update": lambda _physical_id, _old, new, _stack: put(new),
            "delete": drop}


def apply() -> None:
    from ministack.core.concurrency import spawn_background
    from ministack.core.responses import error_response_json, json_response
    from ministack.services import lambda_svc
    from ministack.services import secretsmanager as service
    from ministack.services.cloudformation import provisioners

    read = service._get_secret_value
    expect("rotation", service._rotate_secret, "RotateSecret stub for %s")
    expect("rotation", service.handle_request, '"RotateSecret": _rotate_secret', '"GetSecretValue": _get_secret_value')
    if TYPE in provisioners._RESOURCE_HANDLERS:
        raise Outdated("rotation", f"it provisions {TYPE} itself")

    def read_written(request: dict):
        """GetSecretValue that answers ResourceNotFoundException for a version without a value."""
        response = read(request)
        if response[0] < 400 and not {"SecretString", "SecretBinary"} & json.loads(response[2]).keys():
            return error_response_json("ResourceNotFoundException", "Secrets Manager can't find the specified secret "
                                       "value for staging label: AWSPENDING", 400)
        return response

    rotation = Rotation(service, lambda_svc, json_response, error_response_json, spawn_background)
    service._rotate_secret, service._get_secret_value = rotation.rotate, read_written
    provisioners._RESOURCE_HANDLERS[TYPE] = schedule(rotation)
