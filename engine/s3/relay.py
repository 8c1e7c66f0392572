"""Sends a call on to the store, and its answer back: streamed, except where that names keys or lacks something."""

import asyncio
import logging

import aiohttp
from django.conf import settings

from engine.auth.errors import RequestError
from engine.http.request import ClientDisconnected, Headers, Request
from engine.s3 import (
    bucket_creation,
    bucket_settings,
    deletions,
    empty_folders,
    encryption,
    encryption_answers,
    key_translation,
    metadata,
    part_checksums,
    post_object,
    preconditions,
    store_collections,
    upstream,
)
from engine.s3.answering import no_answer
from engine.s3.backend import store
from engine.s3.call import Call
from engine.s3.deadline import Deadline
from engine.s3.uploads import Upload

log = logging.getLogger(__name__)
HOP_HEADERS = {"connection", "keep-alive", "server", "date", "transfer-encoding", "content-length"}


async def relay(call: Call, session: aiohttp.ClientSession, headers: dict[str, str], upload: Upload | None) -> None:
    """Answer `call` with what the store says to it, sent with `headers`. Raises RequestError when it says nothing."""
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
        async with deadline.limit, store_collections.turn_of(call):
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
        await _answer(call, session, response, upload)
    finally:
        response.close()  # gives a connection back when all was read and sent, and ends it otherwise


async def _answer(
    call: Call, session: aiohttp.ClientSession, response: aiohttp.ClientResponse, upload: Upload | None
) -> None:
    name, request = call.operation.name, call.request
    head = await _head(call, session, response)
    if name == "DeleteBucket" and response.status == 204:
        await bucket_settings.forget(call.bucket)
    await preconditions.explain(call, session, response.status)
    if call.fields and response.status == 200:
        await post_object.respond(call, head)
        return
    head += request.cors
    if name == "CreateBucket" and response.status == 409:
        await bucket_creation.answer_existing(call, head, await response.read())
        return
    if settings.STORE_ENCODES_KEYS and response.status in (200, 204):
        await empty_folders.remove_after(call, session, response)
    if settings.STORE_ENCODES_KEYS and key_translation.names_keys(call, response.status, response.content_type):
        body = key_translation.decode_answer(call, await response.read())
    elif name == "CompleteMultipartUpload":
        # The answer names the object's address; it must be ours, not the store's.
        own = f"http://{request.headers.get('host', '')}"
        body = (await response.read()).replace(store().endpoint.encode(), own.encode("latin-1"))
    elif name == "GetObjectAttributes" and settings.STORE_ENCODES_KEYS and response.status == 200:
        body = await part_checksums.complete_attributes(call, session, await response.read())
    elif call.protected:
        body = await response.read()
    else:
        await _stream(request, response, head)
        return
    if call.protected and response.status == 200:
        body = deletions.with_errors(call, body)
    if name == "CompleteMultipartUpload" and response.status == 200 and upload and isinstance(upload.content, bytes):
        await part_checksums.save(call, upload.content, body)
    await request.answer(response.status, head, body)


async def _head(call: Call, session: aiohttp.ClientSession, response: aiohttp.ClientResponse) -> Headers:
    """The store's headers with what it does not tell, and without what is none of the caller's business."""
    name = call.operation.name
    received: Headers = [(field.lower(), value) for field, value in response.raw_headers]
    head = [
        (field, value)
        for field, value in received
        if field.decode("latin-1") not in HOP_HEADERS
        and not field.startswith(b"seaweed-")
        and not (field == b"vary" and value == b"Origin")
    ]
    head, stored = encryption.of_response(head)
    encrypted = stored if name in encryption.READING else call.encryption
    if name == "CompleteMultipartUpload" and response.status == 200:
        encrypted = await encryption_answers.of_object(call, session)
    if encrypted and response.status in (200, 206):
        head += encrypted.headers()
    if settings.STORE_ENCODES_KEYS:
        head = metadata.decode(head) + part_checksums.of_object(head)
        head += await part_checksums.of_part(call, head) if response.status == 206 else []
    if name == "HeadBucket":
        head.append((b"x-amz-bucket-region", settings.REGION.encode()))
    return head


async def _stream(request: Request, response: aiohttp.ClientResponse, head: Headers) -> None:
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
        log.warning("the store broke off %s %s: %s", request.method, request.path, e)
    finally:
        disconnect.cancel()
