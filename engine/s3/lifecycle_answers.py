"""The operations on the lifecycle rules of a bucket, which the gateway keeps; engine.s3.expiry does what they say.

A rule that an earlier version gave to the store is shown until it is replaced or deleted, here and there.
"""

import aiohttp

from engine.auth.errors import RequestError
from engine.models import BucketSetting
from engine.s3 import bucket_settings, lifecycle_rules, upstream, xml
from engine.s3.answering import TIMEOUT, Answer, body_of, no_answer, require_bucket, send
from engine.s3.call import Call

NAME = BucketSetting.Name.LIFECYCLE


async def _get(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    document = await bucket_settings.get(call.bucket, NAME)
    if document:
        await send(call, 200, xml.document(lifecycle_rules.ROOT, document["rules"]))
        return
    status, body = await _of_store(call, session, "GET")
    if status != 200:
        text = "The lifecycle configuration does not exist"
        raise RequestError(text, "NoSuchLifecycleConfiguration", 404, BucketName=call.bucket)
    await send(call, 200, body)


async def _put(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    rules = lifecycle_rules.normalize(await body_of(call))
    await bucket_settings.put(call.bucket, NAME, {"rules": rules})
    await _of_store(call, session, "DELETE")
    await send(call, 200)


async def _delete(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    await bucket_settings.delete(call.bucket, NAME)
    await _of_store(call, session, "DELETE")
    await send(call, 204)


async def _of_store(call: Call, session: aiohttp.ClientSession, method: str) -> tuple[int, bytes]:
    """The status and body of the store's own answer. Raises RequestError (503)."""
    url, headers = upstream.signed(method, f"/{call.bucket}", "lifecycle", {})
    try:
        async with session.request(method, url, headers=headers, timeout=TIMEOUT) as response:
            return response.status, await response.read()
    except (aiohttp.ClientError, TimeoutError):
        raise no_answer() from None


ANSWERS: dict[str, Answer] = {
    "GetBucketLifecycleConfiguration": _get,
    "PutBucketLifecycleConfiguration": _put,
    "DeleteBucketLifecycle": _delete,
}
