"""S3 passed through: the caller verified, the request signed anew, both bodies streamed with back-pressure."""

import asyncio
import ipaddress
import logging
import os
import re
import time
from urllib.parse import urlsplit

import aiohttp
from django.conf import settings

from engine.auth import permissions
from engine.auth.refusals import Refusal
from engine.gateway import cors, upstream
from engine.gateway.bodies import Upload, upload_of
from engine.http.caller import caller_of
from engine.http.request import Gone, Headers, Request
from engine.store import store

log = logging.getLogger(__name__)
HIDDEN = {"connection", "keep-alive", "server", "date", "transfer-encoding", "content-length"}
PORT = re.compile(r":\d*$")
BUCKET = re.compile(r"^/[^/]+/?$")
CORS_REMEMBERED = 5.0  # seconds
_cors_known: dict[str, tuple[float, bool]] = {}


async def answer(request: Request, session: aiohttp.ClientSession) -> None:
    """Answer one S3 request; raises Refusal for what we refuse ourselves."""
    bucket, path = locate(request)
    if request.method == "OPTIONS":
        await _preflight(request, session, bucket, path)
        return
    caller = await caller_of(request)
    if caller.service != "s3":  # whoever was handed a request signed for STS, say, must not get at objects with it
        text = f"The authorization header is malformed; incorrect service {caller.service!r}. This is 's3'."
        raise Refusal(text, "AuthorizationHeaderMalformed", 400)
    permissions.check_s3(caller, request.method)
    upload = await upload_of(request, caller)
    headers = upstream.headers_of(request)
    if await _has_foreign_page(request, session, bucket):
        headers["origin"] = request.headers["origin"]
    await _exchange(request, session, path, headers, upload)


def locate(request: Request) -> tuple[str, str]:
    """The bucket, and the path with it: as sent in path style, put in front in virtual-host style."""
    host = PORT.sub("", request.headers.get("host", "").lower())
    for base in _our_names():
        if host.endswith(f".{base}"):
            bucket = host.removesuffix(f".{base}")
            return bucket, f"/{bucket}{request.path}"
    return request.path[1:].partition("/")[0], request.path


def _our_names() -> tuple[str, ...]:
    """Names whose sub-domains are buckets: localhost, and the name clients are told unless it is an address."""
    told = urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname or "localhost"
    try:
        ipaddress.ip_address(told)
    except ValueError:
        return ("localhost", told)
    return ("localhost",)


async def _exchange(
    request: Request, session: aiohttp.ClientSession, path: str, headers: dict[str, str], upload: Upload | None
) -> None:
    if upload:
        await upload.begin()
    url, headers = upstream.signed(
        request.method,
        path,
        upstream.query_of(request),
        headers | (upload.headers if upload else {}),
        upload.payload if upload else upstream.UNSIGNED,
    )
    content = upload.content if upload else None
    streamed = content is not None and not isinstance(content, bytes)
    try:
        # A large body is sent only when the store wants it: its refusal would be lost in a connection broken off.
        response = await session.request(
            request.method, url, headers=headers, data=content, expect100=streamed, allow_redirects=False
        )
    except (aiohttp.ClientError, Refusal, Gone) as e:
        if upload and upload.stopped:
            raise upload.stopped from None
        log.warning("the store did not answer %s %s: %s", request.method, path, e)
        raise Refusal("The object store does not answer. Please try again.", "ServiceUnavailable", 503) from None
    try:
        if upload and upload.stopped:
            raise upload.stopped
        await _pass_back(request, path, response)
    finally:
        response.close()  # gives a connection back when all was read and sent, and ends it otherwise


async def _pass_back(request: Request, path: str, response: aiohttp.ClientResponse) -> None:
    head: Headers = []
    for name, value in response.raw_headers:
        lower = name.lower().decode("latin-1")
        if lower not in HIDDEN and not lower.startswith("seaweed-") and not (lower == "vary" and value == b"Origin"):
            head.append((lower.encode(), value))
    head += cors.headers_for(request)
    if request.method == "HEAD" and BUCKET.match(path):
        head.append((b"x-amz-bucket-region", settings.REGION.encode()))
    if request.method == "POST" and "uploadId=" in request.query:
        # The answer to CompleteMultipartUpload names the object's address; it must be ours, not the store's.
        own = f"http://{request.headers.get('host', '')}"
        body = (await response.read()).replace(store().endpoint.encode(), own.encode("latin-1"))
        await request.answer(response.status, head, body)
        return
    length = response.headers.get("content-length")
    if length is not None:
        head.append((b"content-length", length.encode()))
    await request.start(response.status, head)
    leaving = asyncio.ensure_future(request.gone())
    try:
        async for block in response.content.iter_any():
            if leaving.done():
                return
            await request.write(block)
        await request.write(b"", more=False)
    except aiohttp.ClientError as e:
        log.warning("the store broke off %s %s: %s", request.method, path, e)
    finally:
        leaving.cancel()


async def _preflight(request: Request, session: aiohttp.ClientSession, bucket: str, path: str) -> None:
    """A browser asks before it sends. The console's pages may; others when the bucket's CORS says so."""
    origin = request.headers.get("origin", "")
    if not origin or "access-control-request-method" not in request.headers:
        text = "Insufficient information. Origin and Access-Control-Request-Method request headers are needed."
        raise Refusal(text, "BadRequest", 400)
    if cors.is_console(origin):
        await request.answer(200, cors.preflight_headers(request))
    elif await _has_foreign_page(request, session, bucket):
        await _exchange(request, session, path, {**upstream.headers_of(request), "origin": origin}, None)
    else:
        raise Refusal("CORSResponse: CORS is not enabled for this bucket.", "AccessForbidden")


async def _has_foreign_page(request: Request, session: aiohttp.ClientSession, bucket: str) -> bool:
    """Does a page that is not the console's ask, about a bucket that has CORS rules of its own for it?"""
    origin = request.headers.get("origin", "")
    if not origin or not bucket or cors.is_console(origin):
        return False
    known = _cors_known.get(bucket)
    if known and time.monotonic() - known[0] < CORS_REMEMBERED:
        return known[1]
    url, headers = upstream.signed("GET", f"/{bucket}", "cors", {})
    try:
        async with session.get(url, headers=headers) as response:
            found = response.status == 200
    except aiohttp.ClientError:
        return False
    if len(_cors_known) > 1000:
        _cors_known.clear()
    _cors_known[bucket] = (time.monotonic(), found)
    return found
