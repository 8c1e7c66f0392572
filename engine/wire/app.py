"""The whole way of a call: read it, know the caller, allow it, check it, run it, shape and send the answer."""

import hashlib
import logging
import re
import time
import uuid

from botocore import xform_name
from botocore.model import OperationModel

from engine.auth import authenticate
from engine.services import SERVICES
from engine.wire import contract
from engine.wire.answers import shaped
from engine.wire.call import Call
from engine.wire.constraints import SerializationException, checked
from engine.wire.errors import AwsError, NotServed
from engine.wire.http import Request, Response
from engine.wire.permission import allow
from engine.wire.protocols import protocol_of

log = logging.getLogger(__name__)
REGION = re.compile(r"[a-z]{2,8}(-[a-z]{2,12}){1,3}-\d{1,2}")


def respond(request: Request) -> Response:
    """The answer to any request, errors included. Logs one line."""
    began, request_id, protocol = time.perf_counter(), str(uuid.uuid4()), protocol_of(request)
    asked: list[str] = []  # service, operation and access key, as far as they became known
    try:
        response = _serve(request, request_id, protocol, asked)
        outcome = "ok"
    except AwsError as e:
        response, outcome = protocol.error(e, request_id, request), e.code
    except Exception:
        log.exception("%s failed, request %s", " ".join(asked) or request.path, request_id)
        fault = AwsError(f"The engine failed. Its log says more under request {request_id}.", "InternalFailure", 500)
        response, outcome = protocol.error(fault, request_id, request), fault.code
    response.headers["x-amzn-RequestId"] = request_id
    spent = (time.perf_counter() - began) * 1000
    log.info("%s %d %s %.1f ms %s", " ".join(asked) or "?", response.status, outcome, spent, request_id)
    return response


def _serve(request: Request, request_id: str, protocol, asked: list[str]) -> Response:
    body_hash = hashlib.sha256(request.body).hexdigest()
    caller = authenticate(request.method, request.path, request.query, request.headers, body_hash)
    asked += [caller.service, "?", str(caller.key)]
    if caller.service not in contract.SIGNED_AS:
        ours = ", ".join(contract.SIGNED_AS)
        raise NotServed(f"This engine does not offer the service {caller.service}. It offers: s3, {ours}.")
    if not REGION.fullmatch(caller.region):
        raise AwsError(f"{caller.region!r} is not the name of a Region.", "InvalidSignatureException")
    service = contract.SIGNED_AS[caller.service]
    name, params = protocol.parse(request, contract.service(service))
    operation = contract.operation(service, name)
    if operation is None:
        raise AwsError(f"{name} is not an operation of {caller.service}.", "UnknownOperationException")
    asked[1] = name
    allow(caller, operation, params)
    value = run(service, operation, params, Call(caller.region, caller.key, request_id))
    return protocol.answer(operation, value, request_id, request)


def run(service: str, operation: OperationModel, params: object, call: Call) -> dict:
    """Check `params`, call the operation, shape its answer. Raises AwsError; NotServed when we do not offer it."""
    method = offered(service, operation.name)
    if method is None:
        raise NotServed(f"This engine does not offer {operation.name} of {service}.")
    if not isinstance(params, dict):
        raise SerializationException(f"The request must be an object with the members of {operation.name}.")
    return shaped(operation, method(call, checked(operation.input_shape, params)))


def offered(service: str, operation_name: str):
    """Our method for an operation, or None."""
    name = xform_name(operation_name)
    return next((getattr(family(), name) for family in SERVICES.get(service, ()) if hasattr(family, name)), None)
