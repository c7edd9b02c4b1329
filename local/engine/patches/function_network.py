"""Keep functions in a VPC to its endpoints and routes.

AWS: a function in a VPC reaches what the routes of its subnets and the endpoints of
its VPC lead to. Other connections time out. An endpoint's policy limits the
requests that pass it, of functions with a route to the internet too.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
Engine 1.5.33: CloudFormation drops VpcConfig, and every function reaches every
service. The patch refuses at once where AWS lets a connection time out. It does not
judge security groups, nor sts:GetCallerIdentity, which no policy denies. Without a
route to the internet, the addresses of external services lead to a refusal, and
HTTP proxies to a closed port: other connections of the process stay possible.
Delete when the engine applies VpcConfig to the requests of functions.
"""

import contextvars
import functools
import json
import os
import re
import uuid

import function_networks
from patches import authorization_log, expect

EXTERNAL = re.compile(r"EXTERNAL_(\w+)_URL")
OUTSIDE = "/_network/outside/"
CLOSED = "http://127.0.0.1:9"  # the discard service, which nothing runs
APP = re.compile(r"\bapp/(\S+)")

# The access key of the request's header, and the function that its user agent names.
_caller: contextvars.ContextVar[tuple[str, str]] = contextvars.ContextVar("network_caller", default=("", ""))
_refused: contextvars.ContextVar[str] = contextvars.ContextVar("network_refused", default="")


def apply() -> None:
    keep_vpc_config()
    name_callers()
    judge_signed_requests()
    judge_unsigned_requests()
    close_environments()
    refuse_outside()


def keep_vpc_config() -> None:
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import provisioners

    expect("function_network", provisioners._lambda_create, '"TracingConfig": props.get("TracingConfig"')
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]

    def keeping(provision, properties: int):
        @functools.wraps(provision)
        def kept(*args, **kwargs):
            name, attributes = provision(*args, **kwargs)
            config = lambda_svc._functions[name]["config"]
            config["VpcConfig"] = lambda_svc._vpc_config_with_id(args[properties].get("VpcConfig"))
            return name, attributes

        return kept

    handlers["create"], handlers["update"] = keeping(handlers["create"], 1), keeping(handlers["update"], 2)


def name_callers() -> None:
    """Remember who makes a request, as long as it is served. Presigned URLs are sent from anywhere."""
    from ministack import app
    from ministack.core.router import extract_access_key_id

    pin = app.pin_signed_request
    expect("function_network", app.app, "pin_signed_request(method, raw_path.decode")

    def pinned(method, raw_path, query_params, raw_headers, *args, **kwargs):
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw_headers}
        named = APP.search(headers.get("user-agent", ""))
        _caller.set((extract_access_key_id(headers, {}), named.group(1) if named else ""))
        _refused.set("")
        return pin(method, raw_path, query_params, raw_headers, *args, **kwargs)

    app.pin_signed_request = pinned


def judge_signed_requests() -> None:
    """Refuse before policies are evaluated, so that the authorization log has the reason."""
    from ministack.core import iam_actions, iam_evaluator

    evaluate, denied = iam_evaluator.evaluate, iam_actions.access_denied_response
    expect("function_network", iam_evaluator.enforce, "result = evaluate(ctx, principal.policies, *principal.limits)")

    @functools.wraps(evaluate)
    def judged(ctx, policies, *limits):
        key, _ = _caller.get()
        vpc = function_networks.vpc_config(function_networks.config_of_session(ctx.principal_arn)) if key else {}
        # Services use keys themselves, outside the VPC. Other principals are not the request's caller.
        if vpc and "kms:viaservice" not in ctx.service_context and own_call(iam_evaluator, key, ctx.principal_arn):
            why = contextvars.copy_context().run(without_caller, ctx, vpc)
            if why:
                _refused.set(why)
                return iam_evaluator.EvalResult("Deny", ctx.principal_arn, reason=why)
        return evaluate(ctx, policies, *limits)

    @functools.wraps(denied)
    def explained(*args, **kwargs):
        if why := _refused.get():
            kwargs["message"] = f"{args[1]} of {args[2]}: {why}"
        return denied(*args, **kwargs)

    iam_evaluator.evaluate, iam_actions.access_denied_response = judged, explained


def own_call(iam_evaluator, key: str, principal: str) -> bool:
    return (iam_evaluator.resolve_caller_identity(key) or {}).get("userArn") == principal


def without_caller(ctx, vpc: dict) -> str:
    """Judge in a context of no caller, because the endpoint's policy is evaluated as any other."""
    _caller.set(("", ""))
    return function_networks.refusal(vpc, ctx.principal_arn, ctx.principal_account, ctx.action, ctx.resource_arn)


def judge_unsigned_requests() -> None:
    """Judge sign-ups, sign-ins and the like by the function that the user agent names."""
    from ministack import app
    from ministack.core import iam_actions
    from ministack.core.responses import get_account_id, get_region

    handle = app.SERVICE_HANDLERS["cognito-idp"]

    async def judged(method, path, headers, body, query):
        key, name = _caller.get()
        vpc = function_networks.vpc_config(function_networks.config_of_name(name)) if name and not key else {}
        if vpc:
            action = "cognito-idp:" + headers.get("x-amz-target", "").rsplit(".", 1)[-1]
            pools = f"arn:aws:cognito-idp:{get_region()}:{get_account_id()}:userpool/*"
            if why := function_networks.refusal(vpc, "anonymous", "", action, pools):
                authorization_log.record("anonymous", action, pools, "denied", f"{name}: {why}")
                return iam_actions.access_denied_response(
                    "cognito-idp", action, name, str(uuid.uuid4()), headers=headers, message=f"{action} of {name}: {why}")
        return await handle(method, path, headers, body, query)

    app.SERVICE_HANDLERS["cognito-idp"] = judged


def close_environments() -> None:
    """Give the processes of functions the environment of their network, with their credentials."""
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    credentials = lambda_runtime.execution_credentials
    expect("function_network", lambda_svc._provided_worker_env, "proc_env.update(execution_credentials(config))")

    @functools.wraps(credentials)
    def with_network(config):
        environment, vpc = credentials(config), function_networks.vpc_config(config)
        if not vpc:
            return environment
        name = config["FunctionName"]
        environment["AWS_SDK_UA_APP_ID"] = name[:50]  # the most that the SDKs send
        if not function_networks.reaches_internet(vpc):
            base = os.environ["AWS_ENDPOINT_URL"] + OUTSIDE + name
            environment |= {"HTTP_PROXY": CLOSED, "HTTPS_PROXY": CLOSED, "NO_PROXY": "127.0.0.1,localhost"}
            environment |= {variable: f"{base}/{found.group(1).lower()}"
                            for variable in os.environ if (found := EXTERNAL.fullmatch(variable))}
        return environment

    lambda_runtime.execution_credentials = lambda_svc.execution_credentials = with_network


def refuse_outside() -> None:
    """Answer requests to external services that have no way out, and record them."""
    from ministack import app

    serve = app.app

    async def served(scope, receive, send):
        if scope["type"] != "http" or not scope["path"].startswith(OUTSIDE):
            return await serve(scope, receive, send)
        name, _, service = scope["path"].removeprefix(OUTSIDE).partition("/")
        service = service.partition("/")[0]
        vpc = function_networks.vpc_config(function_networks.config_of_name(name))
        why = f"no route to the internet from {', '.join(vpc.get('SubnetIds', []))}"
        authorization_log.record(name, "network:Connect", service, "denied", why)
        body = json.dumps({"message": f"{name} cannot reach {service}: {why}"}).encode()
        await send({"type": "http.response.start", "status": 504, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})

    app.app = served
