"""What a function in a VPC reaches: the endpoints of its VPC, and by its routes every host."""

# Services whose endpoint has another name than the prefix of their actions.
ENDPOINTS = {"ses": "email", "cloudwatch": "monitoring"}


def vpc_config(config: dict) -> dict:
    """The network settings of a function in a VPC, {} for another function."""
    found = config.get("VpcConfig") or {}
    return found if found.get("SubnetIds") else {}


def config_of_session(principal: str) -> dict:
    """The configuration of the function that a role's session belongs to, {} for another principal."""
    from ministack.services import lambda_svc

    role, _, session = principal.partition(":assumed-role/")[2].partition("/")
    for name, function in lambda_svc._functions.items():
        config = function["config"]
        if name[:64] == session and config.get("Role", "").rsplit("/", 1)[-1] == role:
            return config
    return {}


def config_of_name(name: str) -> dict:
    from ministack.services import lambda_svc

    return (lambda_svc._functions.get(name) or {}).get("config") or {}


def tables_of(vpc: dict) -> list[dict]:
    """The route tables of the function's subnets."""
    from ministack.services import ec2

    return [table for table in ec2._route_tables.values()
            if any(a.get("SubnetId") in vpc["SubnetIds"] for a in table["Associations"])]


def reaches_internet(vpc: dict) -> bool:
    return any("0.0.0.0/0" == route.get("DestinationCidrBlock") or "::/0" == route.get("DestinationIpv6CidrBlock")
               for table in tables_of(vpc) for route in table["Routes"])


def endpoint_for(vpc: dict, service: str) -> dict | None:
    """The endpoint that requests to a service go through.

    A gateway endpoint serves the subnets of its route tables. An interface endpoint with the
    service's own host names serves the whole VPC.
    """
    from ministack.services import ec2

    tables = {table["RouteTableId"] for table in tables_of(vpc)}
    for endpoint in ec2._vpc_endpoints.values():
        if endpoint["VpcId"] != vpc.get("VpcId") or endpoint["ServiceName"].rsplit(".", 1)[-1] != service:
            continue
        named = str(endpoint.get("PrivateDnsEnabled", False)).lower() == "true"
        if named if endpoint["VpcEndpointType"] == "Interface" else tables & set(endpoint["RouteTableIds"]):
            return endpoint
    return None


def refusal(vpc: dict, principal: str, account: str, action: str, resource: str) -> str:
    """Why a request of a function in a VPC does not get through, "" where it does.

    account is the caller's, "" for a request that is not signed.
    """
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_region

    prefix = action.partition(":")[0]
    service = ENDPOINTS.get(prefix, prefix)
    endpoint = endpoint_for(vpc, service)
    if endpoint is None:
        return "" if reaches_internet(vpc) else (
            f"no endpoint of {service} in {vpc.get('VpcId')}, and no route to the internet from {', '.join(vpc['SubnetIds'])}")
    if endpoint.get("PolicyDocument") is None:
        return ""  # AWS's own policy lets everything pass
    outcome = iam_evaluator.evaluate_resource_policy(endpoint["PolicyDocument"], iam_evaluator.EvalContext(
        principal_arn=principal, principal_type="AssumedRole", principal_account=account, action=action,
        resource_arn=resource, region=get_region()))
    return "" if outcome.decision == "Allow" else (
        f"no VPC endpoint policy allows {action} on {resource}: {endpoint['VpcEndpointId']} of {service}")
