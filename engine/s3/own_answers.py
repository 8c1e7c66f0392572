"""Answers to operations that the gateway answers itself, because a store would do harm or say something untrue."""

from collections.abc import Awaitable, Callable

import aiohttp

from engine.auth.errors import RequestError
from engine.http.request import request_id
from engine.s3 import allowed, cors, upstream
from engine.s3.call import Call

Answer = Callable[[Call, aiohttp.ClientSession], Awaitable[None]]


async def require_bucket(call: Call, session: aiohttp.ClientSession) -> None:
    """Raise RequestError (404 NoSuchBucket) unless the store has the bucket."""
    url, headers = upstream.signed("HEAD", f"/{call.bucket}", "", {})
    async with session.head(url, headers=headers) as response:
        if response.status == 404:
            text = "The specified bucket does not exist"
            raise RequestError(text, "NoSuchBucket", 404, BucketName=call.bucket)


async def send(call: Call, status: int, body: bytes = b"") -> None:
    """Answer with `body`, which is XML, or with nothing."""
    head = [(b"x-amz-request-id", request_id().encode()), *cors.headers_for(call.request)]
    await call.request.answer(status, [*head, (b"content-type", b"application/xml")] if body else head, body)


async def _delete_nothing(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    await send(call, 204)


async def _no_policy(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    text = "The bucket policy does not exist"
    raise RequestError(text, "NoSuchBucketPolicy", 404, BucketName=call.bucket)


ANSWERS: dict[str, Answer] = {
    **dict.fromkeys(allowed.WITHOUT_EFFECT, _delete_nothing),
    "GetBucketPolicy": _no_policy,
}
