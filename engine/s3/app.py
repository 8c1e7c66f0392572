"""Passes S3 requests through: verifies the caller, signs the request again, streams both bodies with back-pressure."""

import aiohttp
from django.conf import settings

from engine.auth import permissions
from engine.http.request import Request
from engine.s3 import (
    allowed,
    bucket_creation,
    callers,
    cors_answers,
    deletions,
    encryption_answers,
    header_limits,
    key_translation,
    list_answers,
    metadata,
    own_answers,
    part_checksums,
    policies,
    post_object,
    preconditions,
    room,
    store_collections,
    upstream,
    versions,
)
from engine.s3.answering import Answer
from engine.s3.call import Call, read
from engine.s3.relay import relay
from engine.s3.uploads import Upload, upload_of


async def answer(request: Request, session: aiohttp.ClientSession) -> None:
    """Respond to one S3 request. Raises RequestError for what the gateway itself refuses."""
    call = read(request)
    if request.method == "OPTIONS":
        await cors_answers.preflight(call, session)
        return
    await cors_answers.prepare(call, session)
    form = await post_object.receive(call) if post_object.is_form(call) else None
    if form is None:
        await callers.identify(call)
    await _authorize(call, session)
    header_limits.check(call)
    await versions.check(call, session)
    if settings.STORE_ENCODES_KEYS:
        key_translation.encode_call(call)
    if respond := _answer_of(call):
        await respond(call, session)
        return
    allowed.check(call.operation)
    room.check(call.operation.name, request)
    upload = form or await _upload_of(call, session)
    if call.protected and upload is None:
        await deletions.refuse(call)
        return
    if call.operation.name == "CreateBucket":
        bucket_creation.check(call, upload)
    headers = upstream.headers_of(call.headers)
    if settings.STORE_ENCODES_KEYS:
        headers = metadata.encode(headers)
    headers = await encryption_answers.prepare(call, session, headers)
    await store_collections.add(call, session)
    await relay(call, session, headers, upload)


async def _authorize(call: Call, session: aiohttp.ClientSession) -> None:
    """Raise RequestError unless the caller may do what `call` asks for."""
    preconditions.check_owner(call)
    if call.is_anonymous:
        await policies.check_anonymous(call, session)
        return
    permissions.check_s3(call.caller, call.operation.name, call.operation.kind)
    await policies.check(call)
    await policies.check_acl(call)


def _answer_of(call: Call) -> Answer | None:
    """What answers the call without the store's own answer; None for what is passed through."""
    lists = list_answers.ANSWERS if settings.STORE_ENCODES_KEYS else {}
    return own_answers.ANSWERS.get(call.operation.name) or lists.get(call.operation.name)


async def _upload_of(call: Call, session: aiohttp.ClientSession) -> Upload | None:
    if call.operation.name == "DeleteObjects":
        return await deletions.upload_of(call, session)
    if settings.STORE_ENCODES_KEYS and call.operation.name == "CompleteMultipartUpload":
        return await part_checksums.upload_of(call)
    return await upload_of(call.request, call.caller)
