"""What answers of the gateway's own have in common: the bucket that must exist, the caller's body, the response."""

from collections.abc import Awaitable, Callable

import aiohttp

from engine.auth.errors import RequestError
from engine.http.request import Headers, request_id
from engine.s3 import upstream
from engine.s3.call import Call
from engine.s3.deadline import SECONDS
from engine.s3.uploads import upload_of

TIMEOUT = aiohttp.ClientTimeout(total=SECONDS, sock_connect=5)
Answer = Callable[[Call, aiohttp.ClientSession], Awaitable[None]]


async def head_of(
    session: aiohttp.ClientSession, path: str, query: str = "", headers: dict[str, str] | None = None
) -> tuple[int, Headers]:
    """Return the status and headers, names in lower case, of a HEAD of the store's. Raises RequestError (503)."""
    url, signed = upstream.signed("HEAD", path, query, headers or {})
    try:
        async with session.head(url, headers=signed, timeout=TIMEOUT) as response:
            return response.status, [(name.lower(), value) for name, value in response.raw_headers]
    except (aiohttp.ClientError, TimeoutError):
        raise no_answer() from None


def no_answer() -> RequestError:
    """Return the error for a store that does not answer; clients repeat what gets it."""
    return RequestError("The object store does not answer in time. Please try again.", "SlowDown", 503)


async def require_bucket(call: Call, session: aiohttp.ClientSession) -> None:
    """Raise RequestError (404 NoSuchBucket) unless the store has the bucket."""
    status, _ = await head_of(session, f"/{call.bucket}")
    if status == 404:
        raise RequestError("The specified bucket does not exist", "NoSuchBucket", 404, BucketName=call.bucket)


async def require_object(call: Call, session: aiohttp.ClientSession) -> None:
    """Raise RequestError (404) unless the store has the bucket and the object."""
    await require_bucket(call, session)
    version = call.query.get("versionId", "")
    status, _ = await head_of(session, call.path, f"versionId={version}" if version else "")
    if status == 404:
        raise RequestError("The specified key does not exist.", "NoSuchKey", 404)


async def body_of(call: Call) -> bytes:
    """Return the caller's body, checked as uploads are. Raises RequestError; settings may not come in chunks."""
    upload = await upload_of(call.request, call.caller)
    if upload is None:
        return b""
    if not isinstance(upload.content, bytes):
        raise RequestError("The body of this operation must be short and not chunked.", "NotImplemented", 501)
    return upload.content


async def send(call: Call, status: int, body: bytes = b"", content_type: bytes = b"application/xml") -> None:
    """Answer with `body`, or with nothing."""
    head = [(b"x-amz-request-id", request_id().encode()), *call.request.cors]
    await call.request.answer(status, [*head, (b"content-type", content_type)] if body else head, body)
