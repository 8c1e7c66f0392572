"""Answers the operations on the policy of a bucket."""

import aiohttp
from django.conf import settings

from engine.auth.errors import RequestError
from engine.s3 import bucket_settings, policies, xml
from engine.s3.answering import Answer, body_of, require_bucket, send
from engine.s3.call import Call
from engine.s3.policies import POLICY
from engine.s3.policy import parse

MAX_POLICY = 20 * 1024  # bytes; S3's limit
ADMINISTRATORS = (
    "Only an administrator sets or deletes a policy that decides something. A policy that only denies requests without "
    'TLS ("aws:SecureTransport") is open to editors.'
)


async def _get(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    policy = await bucket_settings.get(call.bucket, POLICY)
    if not policy:
        text = "The bucket policy does not exist"
        raise RequestError(text, "NoSuchBucketPolicy", 404, BucketName=call.bucket)
    await send(call, 200, policy["text"].encode(), b"application/json")


async def _put(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    body = await body_of(call)
    if len(body) > MAX_POLICY:
        raise RequestError(f"Policy exceeds the maximum allowed document size of {MAX_POLICY}.", "PolicyTooLarge", 400)
    text = body.decode("utf-8", "replace")
    policy = parse(text, call.bucket)
    await _check_role(call, policy.decides)
    blocks = await policies.blocks_of(call.bucket)
    if policy.is_public and (not settings.S3_PUBLIC_ACCESS or (blocks and blocks["BlockPublicPolicy"])):
        whose = "of the bucket" if settings.S3_PUBLIC_ACCESS else "of the deployment (SAGEWRIGHT_S3_PUBLIC_ACCESS)"
        raise RequestError(
            "Access Denied: public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access "
            f"{whose}."
        )
    await bucket_settings.put(call.bucket, POLICY, {"text": text})
    await send(call, 204)


async def _delete(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    await _check_role(call, decides=False)
    await bucket_settings.delete(call.bucket, POLICY)
    await send(call, 204)


async def _check_role(call: Call, decides: bool) -> None:
    """Raise RequestError (403) unless the caller may put a policy that `decides` in the place of the bucket's."""
    present = await policies.of_bucket(call.bucket)
    key = call.caller.key
    if (decides or (present and present.decides)) and key.effective_role != key.Role.ADMINISTRATOR:
        raise RequestError(ADMINISTRATORS)


async def _status(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    policy = await policies.of_bucket(call.bucket)
    await send(call, 200, xml.document("PolicyStatus", xml.tag("IsPublic", value=bool(policy and policy.is_public))))


ANSWERS: dict[str, Answer] = {
    "GetBucketPolicy": _get,
    "PutBucketPolicy": _put,
    "DeleteBucketPolicy": _delete,
    "GetBucketPolicyStatus": _status,
}
