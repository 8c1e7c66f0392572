"""The three ways AWS's clients write a call down, and which of them a request is in.

A protocol is a module with `parse(request, service) -> (operation name, parameters)`, `response(operation, value,
request_id)` and `error(error, request_id, request)`.
"""

from types import ModuleType

from engine.wire.http import HttpRequest
from engine.wire.protocols import cbor, json, query


def protocol_of(request: HttpRequest) -> ModuleType:
    """JSON when nothing says otherwise: its errors are the ones every client can at least print."""
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return cbor
    if "x-amz-target" in request.headers:
        return json
    if request.content_type == "application/x-www-form-urlencoded" or "Action=" in request.query:
        return query
    return json
