"""AWS JSON 1.0 and 1.1: the operation in X-Amz-Target, the parameters as one JSON object, times as epoch seconds."""

from datetime import datetime
from typing import Any

import orjson
from botocore.model import OperationModel, ServiceModel

from engine.wire.constraints import SerializationException
from engine.wire.errors import AwsError, NotServed
from engine.wire.http import HttpRequest, HttpResponse


def parse(request: HttpRequest, service: ServiceModel) -> tuple[str, Any]:
    """("CreateTrainingJob", {...}) of a request. Raises AwsError when it is not one of `service`."""
    target = request.headers.get("x-amz-target", "")
    prefix, _, operation = target.rpartition(".")
    if not target:
        text = f"This engine does not offer {request.method} {request.path} of {service.service_name}."
        raise NotServed(text)
    if prefix != service.metadata.get("targetPrefix"):
        text = f"{target} is no operation of {service.service_name}, the service this request is signed for."
        raise AwsError(text, "UnknownOperationException")
    try:
        return operation, orjson.loads(request.body) if request.body.strip() else {}
    except orjson.JSONDecodeError as e:
        raise SerializationException(f"The request's body is not JSON: {e}") from None


def response(operation: OperationModel, value: dict, request_id: str, request: HttpRequest) -> HttpResponse:
    """Return the answer in AWS JSON 1.0 or 1.1 to `operation`, whose output shape `value` has."""
    return _response(200, value, request)


def error(error: AwsError, request_id: str, request: HttpRequest) -> HttpResponse:
    """Return the error in AWS JSON 1.0 or 1.1, from which AWS's clients make the exception `error.code`."""
    response = _response(error.status, {"__type": error.code, "message": error.message}, request)
    response.headers["x-amzn-ErrorType"] = error.code
    return response


def _response(status: int, value: dict, request: HttpRequest) -> HttpResponse:
    version = "1.0" if request.content_type == "application/x-amz-json-1.0" else "1.1"
    body = orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)
    return HttpResponse(status, body, {"Content-Type": f"application/x-amz-json-{version}"})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    raise TypeError(f"{type(value).__name__} has no place in JSON")
