"""What answers of the gateway's own have in common: the bucket that must exist, the caller's body, the response."""

from collections.abc import Awaitable, Callable

import aiohttp

from engine.auth.errors import RequestError
from engine.http.request import request_id
from engine.s3 import cors, upstream
from engine.s3.call import Call
from engine.s3.uploads import upload_of

Answer = Callable[[Call, aiohttp.ClientSession], Awaitable[None]]


async def require_bucket(call: Call, session: aiohttp.ClientSession) -> None:
    """Raise RequestError (404 NoSuchBucket) unless the store has the bucket."""
    url, headers = upstream.signed("HEAD", f"/{call.bucket}", "", {})
    async with session.head(url, headers=headers) as response:
        if response.status == 404:
            text = "The specified bucket does not exist"
            raise RequestError(text, "NoSuchBucket", 404, BucketName=call.bucket)


async def require_object(call: Call, session: aiohttp.ClientSession) -> None:
    """Raise RequestError (404) unless the store has the bucket and the object."""
    await require_bucket(call, session)
    version = call.query.get("versionId", "")
    url, headers = upstream.signed("HEAD", call.path, f"versionId={version}" if version else "", {})
    async with session.head(url, headers=headers) as response:
        if response.status == 404:
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
    head = [(b"x-amz-request-id", request_id().encode()), *cors.headers_for(call.request)]
    await call.request.answer(status, [*head, (b"content-type", content_type)] if body else head, body)
