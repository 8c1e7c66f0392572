"""Holds requests against the policies of buckets.

The role of an access key is the most that it may do; a policy can deny it something, and allows it nothing more. The
engine's own key, with which jobs and endpoints read and write, has no policy above it. A request without a key may
read what a policy opens to everybody, once the administrator of the deployment has set SAGEWRIGHT_S3_PUBLIC_ACCESS.
"""

import logging

import aiohttp
from django.conf import settings
from django.db import DatabaseError

from engine import store
from engine.auth.errors import RequestError
from engine.auth.identity import identity_arn
from engine.models import BucketSetting
from engine.s3 import bucket_settings, policy_actions
from engine.s3.answering import no_answer, require_bucket
from engine.s3.call import Call
from engine.s3.operations import Kind, Level
from engine.s3.policy import Access, Policy, parse

log = logging.getLogger(__name__)
POLICY, BLOCK = BucketSetting.Name.POLICY, BucketSetting.Name.PUBLIC_ACCESS_BLOCK
BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
# An administrator can always take a policy away, as the root user of an account on AWS can.
ALWAYS = {"GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"}
STORING = {"PutObject", "CopyObject", "CreateMultipartUpload", "CreateBucket"}
PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read")
GROUPS = "http://acs.amazonaws.com/groups/global/"  # everybody, and everybody with an account
OPEN = {"GetObject", "HeadObject", "ListObjects", "ListObjectsV2"}  # what can be open to requests without a key


async def of_bucket(bucket: str) -> Policy | None:
    """Return the policy of a bucket, None for none. Raises RequestError (503) when the database does not say."""
    try:
        document = await bucket_settings.get(bucket, POLICY)
    except DatabaseError as error:
        log.warning("the policy of %s is not known: %s", bucket, error)
        raise no_answer() from None
    try:
        return parse(document["text"], bucket) if document else None
    except RequestError:  # earlier versions kept what only demands TLS, and read no more of it
        return None


async def blocks_of(bucket: str) -> dict[str, bool] | None:
    """Return the block of public access of a bucket; None when it has none."""
    block = await bucket_settings.get(bucket, BLOCK)
    if block is None and not settings.S3_PUBLIC_ACCESS:
        return dict.fromkeys(BLOCKS, True)
    return block or None


def is_exempt(call: Call) -> bool:
    """Return whether no policy is above the caller."""
    key = call.caller.key
    is_own = key.access_key_id == store.ACCESS_KEY_ID
    return is_own or (call.operation.name in ALWAYS and key.effective_role == key.Role.ADMINISTRATOR)


async def check(call: Call) -> None:
    """Raise RequestError (403) if a policy denies what `call` asks for."""
    if is_exempt(call):
        return
    buckets = {call.bucket, policy_actions.source_bucket(call)} - {""}
    policies = {bucket: policy for bucket in buckets if (policy := await of_bucket(bucket))}
    if not policies:
        return
    for bucket, access in policy_actions.accesses(call):
        if bucket in policies and policies[bucket].denies(access):
            raise denied(call, access)


async def check_acl(call: Call) -> None:
    """Raise RequestError (403) for what stores something with a public ACL, where these are blocked.

    Elsewhere an ACL changes nothing; see access_answers.
    """
    acl = call.fields.get("acl") or call.headers.get("x-amz-acl", "")
    granted = any(GROUPS in value for name, value in call.headers.items() if name.startswith("x-amz-grant-"))
    if call.operation.name not in STORING or not (acl in PUBLIC_ACLS or granted):
        return
    if (blocks := await blocks_of(call.bucket)) and blocks["BlockPublicAcls"]:
        raise RequestError(
            "Access Denied: public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access. Leave "
            "the ACL out; what is stored belongs to the owner of the bucket."
        )


def denied(call: Call, access: Access) -> RequestError:
    """Return the error for what a policy denies, in S3's words."""
    who = "anonymous" if call.is_anonymous else identity_arn(call.caller.key)
    return RequestError(
        f'User: {who} is not authorized to perform: {access.action} on resource: "{access.resource}" with an explicit '
        "deny in a resource-based policy"
    )


async def check_anonymous(call: Call, session: aiohttp.ClientSession) -> None:
    """Raise RequestError unless a policy opens to everybody what `call`, which has no key, asks for.

    A bucket that is not there is named (404), as S3 does; the answer does not depend on whether an object is there.
    """
    if call.level == Level.SERVICE or call.operation.name == "CreateBucket":
        raise RequestError("Access Denied")
    await require_bucket(call, session)
    policy = await of_bucket(call.bucket) if settings.S3_PUBLIC_ACCESS and call.operation.name in OPEN else None
    if policy is None or call.operation.kind != Kind.READ:
        raise RequestError("Access Denied")
    blocks = await blocks_of(call.bucket)
    restricted = policy.is_public and blocks is not None and blocks["RestrictPublicBuckets"]
    accesses = [access for _, access in policy_actions.accesses(call)]
    if restricted or not all(policy.allows(access) and not policy.denies(access) for access in accesses):
        raise RequestError("Access Denied")
