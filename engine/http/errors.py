"""Serializes an AwsError in the format of its service: XML for S3 and query services, JSON, or CBOR."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

import cbor2
import orjson

from engine.auth.errors import service_kind
from engine.http.request import Headers, Request, request_id
from engine.wire.errors import AwsError

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


async def send_error(
    request: Request, error: AwsError, service: str, extra_headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """Answer `request`, which was signed for `service` ("" if for none), with `error`."""
    kind = service_kind(service, request.path, request.headers)
    identifier = request_id()
    if kind == "s3":
        head, body = _s3(request, error, identifier)
    elif kind == "query":
        head, body = _query(error, identifier)
    else:
        head, body = _json(request, error, identifier)
    await request.answer(error.status, [*head, *extra_headers], body)


def _s3(request: Request, error: AwsError, identifier: str) -> tuple[Headers, bytes]:
    details = {"Code": error.code, "Message": error.message, **getattr(error, "details", {})}
    details |= {"Resource": request.path, "RequestId": identifier}
    inner = "".join(f"<{name}>{_text(value)}</{name}>" for name, value in details.items())
    head = [(b"content-type", b"application/xml"), (b"x-amz-request-id", identifier.encode())]
    return head, f"{XML}<Error>{inner}</Error>".encode()


def _query(error: AwsError, identifier: str) -> tuple[Headers, bytes]:
    fault = "Sender" if error.status < 500 else "Receiver"
    inner = f"<Type>{fault}</Type><Code>{error.code}</Code><Message>{_text(error.message)}</Message>"
    body = f"<ErrorResponse><Error>{inner}</Error><RequestId>{identifier}</RequestId></ErrorResponse>"
    return [(b"content-type", b"text/xml"), (b"x-amzn-requestid", identifier.encode())], body.encode()


def _json(request: Request, error: AwsError, identifier: str) -> tuple[Headers, bytes]:
    head = [(b"x-amzn-requestid", identifier.encode()), (b"x-amzn-errortype", error.code.encode())]
    content = {"__type": error.code, "message": error.message}
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        head += [(b"content-type", b"application/cbor"), (b"smithy-protocol", b"rpc-v2-cbor")]
        return head, cbor2.dumps(content)
    kind = b"application/x-amz-json-1.1" if "x-amz-target" in request.headers else b"application/json"
    return [*head, (b"content-type", kind)], orjson.dumps(content)


def _text(value: str) -> str:
    """`value` as XML text; control characters XML cannot carry become "?"."""
    return escape("".join(c if c >= " " or c in "\t\n\r" else "?" for c in value))
