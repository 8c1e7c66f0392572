"""What a caller expects of a bucket or an object before anything is done."""

import aiohttp
from django.conf import settings

from engine.auth.errors import RequestError
from engine.s3.answering import require_object
from engine.s3.call import Call

OWNERS = ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner")
STORING = ("PutObject", "CompleteMultipartUpload")


def check_owner(call: Call) -> None:
    """Raise RequestError (403) unless the engine's account is the owner that `call` expects, if it does."""
    if any(call.headers.get(name, settings.ENGINE_ACCOUNT) != settings.ENGINE_ACCOUNT for name in OWNERS):
        raise RequestError("Access Denied")


async def explain(call: Call, session: aiohttp.ClientSession, status: int) -> None:
    """Raise RequestError (404 NoSuchKey) for an upload with If-Match over nothing, which a store answers with 412."""
    if status == 412 and "if-match" in call.headers and call.operation.name in STORING:
        await require_object(call, session)
