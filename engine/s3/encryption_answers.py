"""The default encryption of a bucket, and what a request that stores an object asks for or gets."""

import logging

import aiohttp
from django.db import DatabaseError

from engine.auth.errors import RequestError
from engine.models import BucketSetting
from engine.s3 import bucket_settings, encryption, xml
from engine.s3.answering import Answer, body_of, head_of, require_bucket, send
from engine.s3.call import Call
from engine.s3.encryption import Encryption, checked
from engine.s3.operations import COPY_SOURCE

log = logging.getLogger(__name__)
NAME = BucketSetting.Name.ENCRYPTION
OF_THE_OBJECT = {
    "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
    "x-amz-website-redirect-location",
}  # fmt: skip


async def default_of(bucket: str) -> Encryption:
    """Return what objects get that ask for nothing.

    That is S3's own default when the database does not answer, for an upload must not fail because of what is only
    reported.
    """
    try:
        document = await bucket_settings.get(bucket, NAME)
    except DatabaseError as error:
        log.warning("the default encryption of %s is not known: %s", bucket, error)
        document = None
    return Encryption(*document["encryption"]) if document else Encryption()


async def prepare(call: Call, session: aiohttp.ClientSession, headers: dict[str, str]) -> dict[str, str]:
    """Return the headers for the store, and set `call.encryption`. Raises RequestError for what S3 does not have."""
    if call.operation.name in encryption.READING and encryption.HEADER in headers:
        text = f"{encryption.HEADER} header is not supported for this operation."
        raise RequestError(text, "InvalidArgument", 400, ArgumentName=encryption.HEADER)
    without = encryption.remove(headers)
    if call.operation.name not in encryption.STORING or encryption.CUSTOMER in headers:
        return without
    call.encryption = encryption.requested(headers, call.caller.region, await default_of(call.bucket))
    if call.operation.is_copy and headers.get("x-amz-metadata-directive", "COPY").upper() != "REPLACE":
        without |= await _replacement(call, session, headers)
    else:
        without |= call.encryption.metadata()
    return without


async def _replacement(call: Call, session: aiohttp.ClientSession, headers: dict[str, str]) -> dict[str, str]:
    """What replaces the metadata of a copy's source when that would tell another encryption; {} when it tells it.

    S3 copies metadata but not the encryption, which comes from the request or the bucket.
    """
    path, _, version = headers[COPY_SOURCE].partition("?")
    source = {name: value for name, value in headers.items() if name.startswith("x-amz-copy-source-server-side")}
    source = {name.replace("copy-source-", "", 1): value for name, value in source.items()}
    status, head = await head_of(session, f"/{path.removeprefix('/')}", version, source)
    if status != 200:
        return {}  # the store says why when it is asked for the copy
    remaining, stored = encryption.of_response(head)
    if stored is None or stored == call.encryption:
        return {}
    names = {name.decode("latin-1"): value.decode("latin-1") for name, value in remaining}
    metadata = {n: v for n, v in names.items() if n.startswith("x-amz-meta-") or n in OF_THE_OBJECT}
    assert call.encryption
    return metadata | call.encryption.metadata() | {"x-amz-metadata-directive": "REPLACE"}


async def of_object(call: Call, session: aiohttp.ClientSession) -> Encryption | None:
    """Return what the object of `call` is said to be encrypted with; None when the store does not say."""
    status, head = await head_of(session, call.path)
    return encryption.of_response(head)[1] if status == 200 else None


async def _get(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    default = await default_of(call.bucket)
    key_id = xml.tag("KMSMasterKeyID", default.key_id) if default.key_id else ""
    inner = f"{xml.tag('SSEAlgorithm', default.algorithm)}{key_id}"
    applied = f"<ApplyServerSideEncryptionByDefault>{inner}</ApplyServerSideEncryptionByDefault>"
    rule = f"<Rule>{applied}{xml.tag('BucketKeyEnabled', default.bucket_key)}</Rule>"
    await send(call, 200, xml.document("ServerSideEncryptionConfiguration", rule))


async def _put(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    rules = xml.parse(await body_of(call), "ServerSideEncryptionConfiguration").findall("Rule")
    if len(rules) != 1:
        raise xml.malformed()
    if any(each.text not in (None, "NONE") for each in rules[0].iter("EncryptionType")):
        raise RequestError("BlockedEncryptionTypes is not implemented.", "NotImplemented", 501)
    path = "ApplyServerSideEncryptionByDefault"
    algorithm, key_id = rules[0].findtext(f"{path}/SSEAlgorithm"), rules[0].findtext(f"{path}/KMSMasterKeyID")
    if rules[0].find(path) is not None and algorithm not in ("AES256", "aws:kms", "aws:kms:dsse"):
        raise xml.malformed()
    bucket_key = xml.flag(rules[0], "BucketKeyEnabled")
    default = checked(algorithm or "AES256", key_id or "", bucket_key, call.caller.region)
    await bucket_settings.put(call.bucket, NAME, {"encryption": list(default)})
    await send(call, 200)


async def _delete(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    await bucket_settings.delete(call.bucket, NAME)
    await send(call, 204)


ANSWERS: dict[str, Answer] = {
    "GetBucketEncryption": _get,
    "PutBucketEncryption": _put,
    "DeleteBucketEncryption": _delete,
}
