"""Who may use a bucket, as S3 reports it: ACLs, ownership, blocks of public access. Policies are in policy_answers.

ACLs grant nothing, as on AWS where the owner of a bucket owns its objects (BucketOwnerEnforced). So they are accepted
as far as they change nothing, and none of these settings is sent to the store, which would act on them.
"""

from hashlib import sha256

import aiohttp
from django.conf import settings

from engine.auth.errors import RequestError
from engine.models import BucketSetting
from engine.s3 import bucket_settings, xml
from engine.s3.answering import Answer, body_of, require_bucket, require_object, send
from engine.s3.call import Call
from engine.s3.operations import Level
from engine.s3.policies import BLOCK, BLOCKS, blocks_of

OWNER_ACLS = ("private", "bucket-owner-full-control")
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OWNERSHIP = BucketSetting.Name.OWNERSHIP_CONTROLS


def owner_id() -> str:
    """Return the account's id in S3's form, 64 hexadecimal digits."""
    return sha256(f"canonical user {settings.ENGINE_ACCOUNT}".encode()).hexdigest()


def owner_elements() -> str:
    """Return the elements that name the owner."""
    return xml.tag("ID", owner_id()) + xml.tag("DisplayName", settings.ENGINE_ACCOUNT)


async def _get_block(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    block = await blocks_of(call.bucket)
    if block is None:
        text = "The public access block configuration was not found"
        raise RequestError(text, "NoSuchPublicAccessBlockConfiguration", 404, BucketName=call.bucket)
    flags = "".join(xml.tag(name, block[name]) for name in BLOCKS)
    await send(call, 200, xml.document("PublicAccessBlockConfiguration", flags))


async def _put_block(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    element = xml.parse(await body_of(call), "PublicAccessBlockConfiguration")
    await bucket_settings.put(call.bucket, BLOCK, {name: xml.flag(element, name) for name in BLOCKS})
    await send(call, 200)


async def _delete_block(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    await bucket_settings.put(call.bucket, BLOCK, {})
    await send(call, 204)


async def _get_ownership(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    if await bucket_settings.get(call.bucket, OWNERSHIP) == {}:
        text = "The bucket ownership controls were not found"
        raise RequestError(text, "OwnershipControlsNotFoundError", 404, BucketName=call.bucket)
    rule = f"<Rule>{xml.tag('ObjectOwnership', 'BucketOwnerEnforced')}</Rule>"
    await send(call, 200, xml.document("OwnershipControls", rule))


async def _put_ownership(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    element = xml.parse(await body_of(call), "OwnershipControls")
    check_ownership(element.findtext("Rule/ObjectOwnership") or "")
    await bucket_settings.delete(call.bucket, OWNERSHIP)
    await send(call, 200)


def check_ownership(ownership: str) -> None:
    """Raise RequestError (400) for an object ownership with which ACLs would decide."""
    if ownership != "BucketOwnerEnforced":
        text = f"ObjectOwnership can only be BucketOwnerEnforced here, for ACLs decide nothing; it is {ownership!r}."
        raise RequestError(text, "InvalidArgument", 400, ArgumentName="ObjectOwnership", ArgumentValue=ownership)


async def _delete_ownership(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    await bucket_settings.put(call.bucket, OWNERSHIP, {})
    await send(call, 204)


async def _get_acl(call: Call, session: aiohttp.ClientSession) -> None:
    await _require_target(call, session)
    owner = owner_elements()
    grantee = f'<Grantee xmlns:xsi="{XSI}" xsi:type="CanonicalUser">{owner}</Grantee>'
    grant = f"<Grant>{grantee}{xml.tag('Permission', 'FULL_CONTROL')}</Grant>"
    inner = f"<Owner>{owner}</Owner><AccessControlList>{grant}</AccessControlList>"
    await send(call, 200, xml.document("AccessControlPolicy", inner))


async def _put_acl(call: Call, session: aiohttp.ClientSession) -> None:
    await _require_target(call, session)
    canned, body = call.headers.get("x-amz-acl", ""), await body_of(call)
    granted = any(name.startswith("x-amz-grant-") for name in call.headers)
    is_owner_only = canned in OWNER_ACLS if canned or granted else _grants_owner_only(body)
    if granted or not is_owner_only:
        raise RequestError("The bucket does not allow ACLs", "AccessControlListNotSupported", 400)
    await send(call, 200)


def _grants_owner_only(body: bytes) -> bool:
    element = xml.parse(body, "AccessControlPolicy")
    grants = [(g.findtext("Grantee/ID"), g.findtext("Permission")) for g in element.iter("Grant")]
    return grants == [(owner_id(), "FULL_CONTROL")]


async def _require_target(call: Call, session: aiohttp.ClientSession) -> None:
    await (require_object if call.operation.level == Level.OBJECT else require_bucket)(call, session)


ANSWERS: dict[str, Answer] = {
    "GetPublicAccessBlock": _get_block,
    "PutPublicAccessBlock": _put_block,
    "DeletePublicAccessBlock": _delete_block,
    "GetBucketOwnershipControls": _get_ownership,
    "PutBucketOwnershipControls": _put_ownership,
    "DeleteBucketOwnershipControls": _delete_ownership,
    "GetBucketAcl": _get_acl,
    "PutBucketAcl": _put_acl,
    "GetObjectAcl": _get_acl,
    "PutObjectAcl": _put_acl,
}
