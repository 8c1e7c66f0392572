"""Refuses a version where a bucket has none: the store ignores the id, and reads, tags or deletes the object itself.

Source: "Using versioning in S3 buckets" in the user guide. An object of a bucket without versions has the id "null".
"""

import aiohttp

from engine.auth.errors import RequestError
from engine.s3 import upstream
from engine.s3.answering import TIMEOUT, no_answer
from engine.s3.call import Call

NULL = "null"


async def check(call: Call, session: aiohttp.ClientSession) -> None:
    """Raise RequestError (400) if `call` names a version that its bucket cannot have."""
    version = call.query.get("versionId")
    if version == "":
        raise _invalid("Version id cannot be the empty string", version)
    if version not in (None, NULL) and not await has_versions(call.bucket, session):
        raise _invalid("Invalid version id specified", version or "")


async def has_versions(bucket: str, session: aiohttp.ClientSession) -> bool:
    """Return whether versioning is, or once was, enabled. Raises RequestError (503) if the store does not say."""
    url, headers = upstream.signed("GET", f"/{bucket}", "versioning", {})
    try:
        async with session.get(url, headers=headers, timeout=TIMEOUT) as response:
            return response.status != 200 or b"<Status>" in await response.read()  # of no bucket, the store says so
    except (aiohttp.ClientError, TimeoutError):
        raise no_answer() from None


def _invalid(text: str, version: str) -> RequestError:
    return RequestError(text, "InvalidArgument", 400, ArgumentName="versionId", ArgumentValue=version)
