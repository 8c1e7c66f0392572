"""Passes S3 requests through: verifies the caller, signs the request again, streams both bodies with back-pressure."""

import asyncio
import logging
import time

import aiohttp
from django.conf import settings

from engine.auth import permissions
from engine.auth.errors import RequestError
from engine.http.request import ClientDisconnected, Headers, Request
from engine.s3 import (
    allowed,
    bucket_creation,
    bucket_settings,
    callers,
    cors,
    deletions,
    empty_folders,
    encryption,
    encryption_answers,
    key_translation,
    list_answers,
    own_answers,
    post_object,
    preconditions,
    room,
    upstream,
)
from engine.s3.answering import TIMEOUT, Answer, no_answer
from engine.s3.backend import store
from engine.s3.call import Call, read
from engine.s3.deadline import Deadline
from engine.s3.uploads import Upload, upload_of

log = logging.getLogger(__name__)
HOP_HEADERS = {"connection", "keep-alive", "server", "date", "transfer-encoding", "content-length"}
CORS_CACHE_SECONDS = 5.0  # seconds
_cors_cache: dict[str, tuple[float, bool]] = {}


async def answer(request: Request, session: aiohttp.ClientSession) -> None:
    """Respond to one S3 request. Raises RequestError for what the gateway itself refuses."""
    call = read(request)
    if request.method == "OPTIONS":
        await _preflight(call, session)
        return
    form = await post_object.receive(call) if post_object.is_form(call) else None
    if form is None:
        call.name(await callers.verified(call))
    preconditions.check_owner(call)
    permissions.check_s3(call.caller, call.operation.name, call.operation.kind)
    if settings.STORE_ENCODES_KEYS:
        key_translation.encode_call(call)
    if respond := _answer_of(call):
        await respond(call, session)
        return
    allowed.check(call.operation)
    room.check(call.operation.name, request)
    rewritten = settings.STORE_ENCODES_KEYS and call.operation.name == "DeleteObjects"
    upload = form or await (deletions.upload_of(call, call.caller) if rewritten else upload_of(request, call.caller))
    if call.operation.name == "CreateBucket":
        bucket_creation.check(call, upload)
    headers = await encryption_answers.prepare(call, session, upstream.headers_of(call.headers))
    if await _needs_bucket_cors(request, session, call.bucket):
        headers["origin"] = request.headers["origin"]
    await _relay(call, session, headers, upload)


def _answer_of(call: Call) -> Answer | None:
    """What answers the call without the store's own answer; None for what is passed through."""
    lists = list_answers.ANSWERS if settings.STORE_ENCODES_KEYS else {}
    return own_answers.ANSWERS.get(call.operation.name) or lists.get(call.operation.name)


async def _relay(call: Call, session: aiohttp.ClientSession, headers: dict[str, str], upload: Upload | None) -> None:
    if upload:
        await upload.begin()
    method = call.operation.method
    url, headers = upstream.signed(
        method,
        call.path,
        call.raw_query,
        headers | (upload.headers if upload else {}),
        upload.payload if upload else upstream.UNSIGNED,
    )
    content = upload.content if upload else None
    streamed = content is not None and not isinstance(content, bytes)
    deadline = Deadline(call.operation.name)
    if content is not None and not isinstance(content, bytes):
        content = deadline.watch(content)
    try:
        # A large body is sent only when the store wants it: its refusal would be lost in a connection broken off.
        async with deadline.limit:
            response = await session.request(
                method, url, headers=headers, data=content, expect100=streamed, allow_redirects=False
            )
    except TimeoutError:
        log.warning("the store did not answer %s %s in time", method, call.path)
        raise no_answer() from None
    except (aiohttp.ClientError, RequestError, ClientDisconnected) as e:
        if upload and upload.error:
            raise upload.error from None
        log.warning("the store did not answer %s %s: %s", method, call.path, e)
        raise RequestError("The object store does not answer. Please try again.", "ServiceUnavailable", 503) from None
    try:
        if upload and upload.error:
            raise upload.error
        await _relay_response(call, session, response)
    finally:
        response.close()  # gives a connection back when all was read and sent, and ends it otherwise


async def _relay_response(call: Call, session: aiohttp.ClientSession, response: aiohttp.ClientResponse) -> None:
    request = call.request
    head: Headers = []
    for name, value in response.raw_headers:
        lower = name.lower().decode("latin-1")
        if (
            lower not in HOP_HEADERS
            and not lower.startswith("seaweed-")
            and not (lower == "vary" and value == b"Origin")
        ):
            head.append((lower.encode(), value))
    head, stored = encryption.of_response(head)
    encrypted = stored if call.operation.name in encryption.READING else call.encryption
    if call.operation.name == "DeleteBucket" and response.status == 204:
        await bucket_settings.forget(call.bucket)
    if call.operation.name == "CompleteMultipartUpload" and response.status == 200:
        encrypted = await encryption_answers.of_object(call, session)
    if encrypted and response.status in (200, 206):
        head += encrypted.headers()
    await preconditions.explain(call, session, response.status)
    if call.fields and response.status == 200:
        await post_object.respond(call, head)
        return
    head += cors.headers_for(request)
    if call.operation.name == "HeadBucket":
        head.append((b"x-amz-bucket-region", settings.REGION.encode()))
    if call.operation.name == "CreateBucket" and response.status == 409:
        await bucket_creation.answer_existing(call, head, await response.read())
        return
    if settings.STORE_ENCODES_KEYS and response.status in (200, 204):
        await empty_folders.remove_after(call, session, response)
    if settings.STORE_ENCODES_KEYS and key_translation.names_keys(call, response.status, response.content_type):
        await request.answer(response.status, head, key_translation.decode_answer(call, await response.read()))
        return
    if call.operation.name == "CompleteMultipartUpload":
        # The answer to CompleteMultipartUpload names the object's address; it must be ours, not the store's.
        own = f"http://{request.headers.get('host', '')}"
        body = (await response.read()).replace(store().endpoint.encode(), own.encode("latin-1"))
        await request.answer(response.status, head, body)
        return
    length = response.headers.get("content-length")
    if length is not None:
        head.append((b"content-length", length.encode()))
    await request.start(response.status, head)
    disconnect = asyncio.ensure_future(request.wait_for_disconnect())
    try:
        async for block in response.content.iter_any():
            if disconnect.done():
                return
            await request.write(block)
        await request.write(b"", more=False)
    except aiohttp.ClientError as e:
        log.warning("the store broke off %s %s: %s", request.method, call.path, e)
    finally:
        disconnect.cancel()


async def _preflight(call: Call, session: aiohttp.ClientSession) -> None:
    """Respond to a CORS preflight: the console's pages are allowed, others by the bucket's CORS rules."""
    request = call.request
    origin = request.headers.get("origin", "")
    if not origin or "access-control-request-method" not in request.headers:
        text = "Insufficient information. Origin and Access-Control-Request-Method request headers are needed."
        raise RequestError(text, "BadRequest", 400)
    if cors.is_console_origin(origin):
        await request.answer(200, cors.preflight_headers(request))
    elif await _needs_bucket_cors(request, session, call.bucket):
        if settings.STORE_ENCODES_KEYS:
            key_translation.encode_call(call)
        await _relay(call, session, {**upstream.headers_of(call.headers), "origin": origin}, None)
    else:
        raise RequestError("CORSResponse: CORS is not enabled for this bucket.", "AccessForbidden")


async def _needs_bucket_cors(request: Request, session: aiohttp.ClientSession, bucket: str) -> bool:
    """Return whether the request comes from a page other than the console's, for a bucket with CORS rules."""
    origin = request.headers.get("origin", "")
    if not origin or not bucket or cors.is_console_origin(origin):
        return False
    cached = _cors_cache.get(bucket)
    if cached and time.monotonic() - cached[0] < CORS_CACHE_SECONDS:
        return cached[1]
    url, headers = upstream.signed("GET", f"/{bucket}", "cors", {})
    try:
        async with session.get(url, headers=headers, timeout=TIMEOUT) as response:
            has_rules = response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
    if len(_cors_cache) > 1000:
        _cors_cache.clear()
    _cors_cache[bucket] = (time.monotonic(), has_rules)
    return has_rules
