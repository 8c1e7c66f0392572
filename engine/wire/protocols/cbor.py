"""Smithy RPC v2 over CBOR: the operation in the path, the parameters as one CBOR map, times as tagged epoch seconds."""

from io import BytesIO
from typing import Any

import cbor2
from botocore.model import OperationModel, ServiceModel

from engine.wire.constraints import SerializationException
from engine.wire.errors import AwsError
from engine.wire.http import HttpRequest, HttpResponse


def parse(request: HttpRequest, service: ServiceModel) -> tuple[str, Any]:
    """The operation and parameters of POST /service/{target prefix}/operation/{operation}."""
    parts = request.path.strip("/").split("/")
    if len(parts) != 4 or parts[0] != "service" or parts[2] != "operation":
        raise AwsError(f"{request.path} names no operation of {service.service_name}.", "UnknownOperationException")
    if parts[1] != service.metadata.get("targetPrefix"):
        text = f"{request.path} is no operation of {service.service_name}, the service this request is signed for."
        raise AwsError(text, "UnknownOperationException")
    if not request.body:
        return parts[3], {}
    stream = BytesIO(request.body)
    try:
        value = cbor2.load(stream)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError) as e:
        raise SerializationException(f"The request's body is not CBOR: {e}") from None
    if stream.read(1):
        raise SerializationException("The request's body holds more than one CBOR item.")
    return parts[3], value


def response(operation: OperationModel, value: dict, request_id: str, request: HttpRequest) -> HttpResponse:
    """Return the answer in Smithy RPC v2 CBOR to `operation`, whose output shape `value` has."""
    return _response(200, value)


def error(error: AwsError, request_id: str, request: HttpRequest) -> HttpResponse:
    """Return the error in Smithy RPC v2 CBOR, from which AWS's clients make the exception `error.code`."""
    return _response(error.status, {"__type": error.code, "message": error.message})


def _response(status: int, value: dict) -> HttpResponse:
    headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    return HttpResponse(status, cbor2.dumps(value, datetime_as_timestamp=True), headers)
