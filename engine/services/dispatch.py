"""Dispatch of an AWS call: parse, authenticate, authorize, validate, run the operation, serialize the response."""

import hashlib
import logging
import re
import time
import uuid

from botocore import xform_name
from botocore.model import OperationModel

from engine.auth import authenticate
from engine.auth.permissions import check_operation
from engine.services import SERVICES
from engine.wire import contract
from engine.wire.call import Call
from engine.wire.constraints import SerializationException, validate
from engine.wire.errors import AwsError, NotServed, unavailable
from engine.wire.http import HttpRequest, HttpResponse
from engine.wire.protocols import protocol_of
from engine.wire.responses import shape_response

log = logging.getLogger(__name__)
# Of these a console asks several a second; they are logged when they fail.
ROUTINE = ("List", "Describe", "Get", "ReceiveMessage", "DeleteMessage")
REGION = re.compile(r"[a-z]{2,8}(-[a-z]{2,12}){1,3}-\d{1,2}")


def respond(request: HttpRequest) -> HttpResponse:
    """Return the response to any request, errors included. Never raises; logs one line."""
    began, request_id, protocol = time.perf_counter(), str(uuid.uuid4()), protocol_of(request)
    subject: list[str] = []  # service, operation and access key, as far as they are known
    try:
        response = _serve(request, request_id, protocol, subject)
        outcome = "ok"
    except AwsError as e:
        response, outcome = protocol.error(e, request_id, request), e.code
    except Exception as e:
        fault = unavailable(e)
        if not fault:
            log.exception("%s failed, request %s", " ".join(subject) or request.path, request_id)
            text = f"The engine failed. Its log says more under request {request_id}."
            fault = AwsError(text, "InternalFailure", 500)
        response, outcome = protocol.error(fault, request_id, request), fault.code
    response.headers["x-amzn-RequestId"] = request_id
    spent = (time.perf_counter() - began) * 1000
    quiet = response.status < 400 and subject[1].startswith(ROUTINE)
    words = ("%s %d %s %.1f ms %s", " ".join(subject) or "?", response.status, outcome, spent, request_id)
    log.log(logging.DEBUG if quiet else logging.INFO, *words)
    return response


def _serve(request: HttpRequest, request_id: str, protocol, subject: list[str]) -> HttpResponse:
    body_hash = hashlib.sha256(request.body).hexdigest()
    caller = authenticate(request.method, request.path, request.query, request.headers, body_hash)
    subject += [caller.service, "?", str(caller.key)]
    if caller.service not in contract.SIGNED_AS:
        services = ", ".join(contract.SIGNED_AS)
        raise NotServed(f"This engine does not offer the service {caller.service}. It offers: s3, {services}.")
    if not REGION.fullmatch(caller.region):
        raise AwsError(f"{caller.region!r} is not the name of a Region.", "InvalidSignatureException")
    service = contract.SIGNED_AS[caller.service]
    name, params = protocol.parse(request, contract.service(service))
    operation = contract.operation(service, name)
    if operation is None:
        raise AwsError(f"{name} is not an operation of {caller.service}.", "UnknownOperationException")
    subject[1] = name
    if find_method(service, name):
        check_operation(caller, operation, params)
    value = run(service, operation, params, Call(caller.region, caller.key, request_id))
    return protocol.response(operation, value, request_id, request)


def run(service: str, operation: OperationModel, params: object, call: Call) -> dict:
    """Validate `params`, call the operation and return its response, shaped by the service model.

    Raises AwsError for what the caller did wrong, and NotServed when this engine does not offer the operation.
    """
    method = find_method(service, operation.name)
    if method is None:
        raise NotServed(f"This engine does not offer {operation.name} of {service}.")
    if not isinstance(params, dict):
        raise SerializationException(f"The request must be an object with the members of {operation.name}.")
    return shape_response(operation, method(call, validate(operation.input_shape, params)))


def find_method(service: str, operation_name: str):
    """Return the bound method that implements an operation, or None when this engine does not offer it."""
    name = xform_name(operation_name)
    return next((getattr(group(), name) for group in SERVICES.get(service, ()) if hasattr(group, name)), None)
