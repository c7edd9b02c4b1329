"""Close the endpoint of an HTTP API that is reached by its custom domain only.

AWS: an API with DisableExecuteApiEndpoint answers 404 under its execute-api host.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-disable-default-endpoint.html
Engine 1.5.33: stores the property and answers. With the patch, a request to such an
API needs the Host of a custom domain that is mapped to it, also on the path
/_aws/execute-api/API. The edge uses that path, because the engine itself answers
some paths of every host, such as /health.
Delete when handle_execute refuses requests to the closed endpoint.
"""

import functools

from patches import expect


def apply() -> None:
    from ministack.services import apigateway, apigateway_v1

    execute = apigateway.handle_execute
    expect("closed_endpoint", execute, "if scope is None: return _http_api_not_found()")
    expect("closed_endpoint", apigateway_v1.resolve_base_path_mapping, 'return mapping["restApiId"], mapping["stage"]')

    def is_closed(api_id: str) -> bool:
        scope = apigateway.find_api_scope(api_id)
        api = apigateway._apis.get_scoped(*scope, api_id, {}) if scope else {}
        return str(api.get("disableExecuteApiEndpoint")).lower() == "true"

    @functools.wraps(execute)
    async def executed(api_id, stage, path, method, headers, *args, **kwargs):
        host = headers.get("host", "").split(":")[0].lower()
        mapped = apigateway_v1.resolve_base_path_mapping(host, path)
        if is_closed(api_id) and (mapped is None or mapped[0] != api_id):
            return apigateway._http_api_not_found()
        return await execute(api_id, stage, path, method, headers, *args, **kwargs)

    apigateway.handle_execute = executed
