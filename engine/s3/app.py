"""Passes S3 requests through: verifies the caller, signs the request again, streams both bodies with back-pressure."""

import time

import aiohttp
from django.conf import settings

from engine.auth import permissions
from engine.auth.errors import RequestError
from engine.http.request import Request
from engine.s3 import (
    allowed,
    bucket_creation,
    callers,
    cors,
    deletions,
    encryption_answers,
    key_translation,
    list_answers,
    metadata,
    own_answers,
    part_checksums,
    post_object,
    preconditions,
    room,
    upstream,
)
from engine.s3.answering import TIMEOUT, Answer
from engine.s3.call import Call, read
from engine.s3.relay import relay
from engine.s3.uploads import Upload, upload_of

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
    upload = form or await _upload_of(call)
    if call.operation.name == "CreateBucket":
        bucket_creation.check(call, upload)
    headers = upstream.headers_of(call.headers)
    if settings.STORE_ENCODES_KEYS:
        headers = metadata.encode(headers)
    headers = await encryption_answers.prepare(call, session, headers)
    if await _needs_bucket_cors(request, session, call.bucket):
        headers["origin"] = request.headers["origin"]
    await relay(call, session, headers, upload)


def _answer_of(call: Call) -> Answer | None:
    """What answers the call without the store's own answer; None for what is passed through."""
    lists = list_answers.ANSWERS if settings.STORE_ENCODES_KEYS else {}
    return own_answers.ANSWERS.get(call.operation.name) or lists.get(call.operation.name)


async def _upload_of(call: Call) -> Upload | None:
    if settings.STORE_ENCODES_KEYS and call.operation.name == "DeleteObjects":
        return await deletions.upload_of(call, call.caller)
    if settings.STORE_ENCODES_KEYS and call.operation.name == "CompleteMultipartUpload":
        return await part_checksums.upload_of(call)
    return await upload_of(call.request, call.caller)


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
        await relay(call, session, {**upstream.headers_of(call.headers), "origin": origin}, None)
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
