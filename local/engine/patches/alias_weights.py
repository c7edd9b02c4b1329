"""Split the invocations of an alias between two versions, and count them by version.

AWS: an alias with AdditionalVersionWeights invokes the other version with that
probability. Both are published versions. CloudWatch has the metrics of each
version under the dimensions FunctionName, Resource (function:alias) and
ExecutedVersion.
https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
Engine 1.5.33: stores any weights, invokes FunctionVersion always, and has no
metrics by version. With the patch, the ARN that the function sees of a split
invocation names the version instead of the alias, and a version's invocations
count for each alias that invokes it.
Delete when the engine's alias lookup reads AdditionalVersionWeights.
"""

import contextvars
import functools
import random

from patches import expect

# Whether the lookup of an alias is for an invocation, not for reading its configuration.
_invoking: contextvars.ContextVar[bool] = contextvars.ContextVar("alias_invoking", default=True)


def weights(alias: dict) -> dict:
    return (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}


def chosen(alias: dict) -> str:
    """The version that this invocation of an alias runs."""
    for version, weight in weights(alias).items():
        if random.random() < weight:
            return version
    return alias.get("FunctionVersion", "$LATEST")


def refusal(function: dict, alias: dict) -> str:
    """Why Lambda refuses an alias, "" where it takes it."""
    primary, others = alias.get("FunctionVersion", "$LATEST"), weights(alias)
    for version in (primary, *others):
        if version != "$LATEST" and version not in function["versions"]:
            return f"Function version {version} does not exist."
    if not others:
        return ""
    if len(others) > 1:
        return "An alias routes to at most two versions."
    version, weight = next(iter(others.items()))
    if "$LATEST" in (primary, version):
        return "$LATEST is not supported for an alias pointing to more than 1 version."
    if version == primary:
        return "The versions of an alias must differ."
    return "" if 0 <= weight <= 1 else f"The weight {weight} is not between 0.0 and 1.0."


def apply() -> None:
    choose_versions()
    check_aliases()
    count_by_version()


def choose_versions() -> None:
    from ministack.services import lambda_svc

    lookup, invoke = lambda_svc._effective_func_record_for_qualifier, lambda_svc._invoke
    expect("alias_weights", lookup, 'target_ver = func["aliases"][qualifier].get("FunctionVersion", "$LATEST")')
    expect("alias_weights", invoke, 'target_ver = func["aliases"][qualifier].get("FunctionVersion", "$LATEST")')

    def weighted(func, qualifier):
        alias = ((func or {}).get("aliases") or {}).get(qualifier)
        if alias and weights(alias) and _invoking.get():
            qualifier = chosen(alias)
        return lookup(func, qualifier)

    async def invoke_weighted(name, event, headers, path_qualifier=None, query_params=None):
        qualifier = path_qualifier or lambda_svc._qp_first(query_params or {}, "Qualifier")
        alias = ((lambda_svc._functions.get(name) or {}).get("aliases") or {}).get(qualifier)
        if alias and weights(alias):
            path_qualifier = chosen(alias)
        return await invoke(name, event, headers, path_qualifier, query_params)

    def reading(read):
        @functools.wraps(read)
        def primary(*args, **kwargs):
            token = _invoking.set(False)
            try:
                return read(*args, **kwargs)
            finally:
                _invoking.reset(token)

        return primary

    lambda_svc._effective_func_record_for_qualifier = weighted
    lambda_svc._invoke = invoke_weighted
    for name in ("_get_function", "_get_function_config"):
        expect("alias_weights", getattr(lambda_svc, name), "_get_func_record_for_qualifier(name, qualifier)")
        setattr(lambda_svc, name, reading(getattr(lambda_svc, name)))


def check_aliases() -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import lambda_svc

    create, update = lambda_svc._create_alias, lambda_svc._update_alias
    expect("alias_weights", create, 'func["aliases"][alias_name] = alias')

    def checked(change):
        @functools.wraps(change)
        def judged(func_name, *args, **kwargs):
            function, data = lambda_svc._functions.get(func_name), args[-1]
            before = (function or {}).get("aliases", {}).get(args[0], {}) if len(args) > 1 else {}
            problem = refusal(function, {**before, **data}) if function else ""
            if problem:
                return error_response_json("InvalidParameterValueException", problem, 400)
            return change(func_name, *args, **kwargs)

        return judged

    lambda_svc._create_alias, lambda_svc._update_alias = checked(create), checked(update)


def count_by_version() -> None:
    from ministack.services import cloudwatch, lambda_svc

    dispatch = lambda_svc._execute_function_dispatch
    expect("alias_weights", dispatch, "config: dict", "_emit_lambda_logs(")

    def counted(func, config, event, request_id, started):
        result = dispatch(func, config, event, request_id, started)
        name, version = config.get("FunctionName", ""), config.get("Version", "$LATEST")
        for alias in ((lambda_svc._functions.get(name) or {}).get("aliases") or {}).values():
            if version in (alias.get("FunctionVersion"), *weights(alias)):
                dimensions = {"FunctionName": name, "Resource": f"{name}:{alias['Name']}", "ExecutedVersion": version}
                cloudwatch.record_metric("AWS/Lambda", "Invocations", 1, "Count", dimensions)
                cloudwatch.record_metric("AWS/Lambda", "Errors", 1 if result.get("error") else 0, "Count", dimensions)
        return result

    lambda_svc._execute_function_dispatch = counted
