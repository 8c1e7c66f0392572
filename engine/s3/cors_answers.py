"""Answers pages of other origins: preflights, the headers of every answer, and the operations on a bucket's rules.

The gateway keeps the rules. Those that an earlier version gave to the store are read from there once.
"""

import logging

import aiohttp
from django.db import DatabaseError

from engine.auth.errors import RequestError
from engine.models import BucketSetting
from engine.s3 import bucket_settings, cors, cors_rules, upstream
from engine.s3.answering import TIMEOUT, Answer, body_of, no_answer, require_bucket, send
from engine.s3.call import Call
from engine.s3.cors_rules import VARY, Rule

log = logging.getLogger(__name__)
NAME = BucketSetting.Name.CORS
NOT_ALLOWED = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method "
    "/ Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
)


async def prepare(call: Call, session: aiohttp.ClientSession) -> None:
    """Set the headers that the answer to `call` has for the page that sent it, if a page did."""
    request = call.request
    origin = request.headers.get("origin", "")
    if not origin or request.method == "OPTIONS":
        return
    if cors.is_console_origin(origin):
        request.cors = cors.console_headers(origin)
    elif rules := await _rules_of(call, session):
        rule = cors_rules.rule_for(rules, origin, request.method)
        request.cors = [*(rule.response(origin) if rule else []), VARY]


async def preflight(call: Call, session: aiohttp.ClientSession) -> None:
    """Respond to a preflight: the console's pages are allowed, others by the bucket's rules."""
    request = call.request
    origin, method = request.headers.get("origin", ""), request.headers.get("access-control-request-method", "")
    if not origin or not method:
        text = "Insufficient information. Origin and Access-Control-Request-Method request headers are needed."
        raise RequestError(text, "BadRequest", 400)
    if cors.is_console_origin(origin):
        await request.answer(200, cors.preflight_headers(request))
        return
    rules = await _rules_of(call, session)
    if not rules:
        raise RequestError("CORSResponse: CORS is not enabled for this bucket.", "AccessForbidden")
    requested = request.headers.get("access-control-request-headers", "")
    headers = [name.strip() for name in requested.split(",") if name.strip()]
    rule = cors_rules.rule_for(rules, origin, method, headers)
    if not rule:
        raise RequestError(NOT_ALLOWED, "AccessForbidden")
    await request.answer(200, [*rule.response(origin, headers), VARY])


async def _rules_of(call: Call, session: aiohttp.ClientSession) -> list[Rule]:
    """The rules of the call's bucket; none when nobody knows them, for what is asked for has an answer without them."""
    if not call.bucket:
        return []
    try:
        document = await bucket_settings.get(call.bucket, NAME)
        if document is None:
            document = await _adopt(call.bucket, session)
    except (DatabaseError, RequestError) as error:
        log.warning("the CORS rules of %s are not known: %s", call.bucket, error)
        return []
    return [Rule(*values) for values in document.get("rules", [])]


async def _adopt(bucket: str, session: aiohttp.ClientSession) -> dict:
    """The document with the rules that the store has, which is kept; {} when there is no such bucket."""
    url, headers = upstream.signed("GET", f"/{bucket}", "cors", {})
    try:
        async with session.get(url, headers=headers, timeout=TIMEOUT) as response:
            body = await response.read()
    except (aiohttp.ClientError, TimeoutError):
        raise no_answer() from None
    if response.status != 200 and b"<Code>NoSuchCORSConfiguration</Code>" not in body:
        return {}
    document = {"rules": cors_rules.parse(body)} if response.status == 200 else {}
    await bucket_settings.put(bucket, NAME, document)
    return document


async def _get(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    rules = await _rules_of(call, session)
    if not rules:
        text = "The CORS configuration does not exist"
        raise RequestError(text, "NoSuchCORSConfiguration", 404, BucketName=call.bucket)
    await send(call, 200, cors_rules.document(rules))


async def _put(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    rules = cors_rules.parse(await body_of(call))
    await bucket_settings.put(call.bucket, NAME, {"rules": rules})
    await send(call, 200)


async def _delete(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    await bucket_settings.put(call.bucket, NAME, {})
    await send(call, 204)


ANSWERS: dict[str, Answer] = {"GetBucketCors": _get, "PutBucketCors": _put, "DeleteBucketCors": _delete}
