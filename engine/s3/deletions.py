"""Checks the body of DeleteObjects, which the store cannot do once it has other names, and puts the names into it.

Protected keys are left out, and named as errors in the answer: those that the bucket's policy keeps from the
caller, and those that the store would delete although a version or a condition of theirs is not met.
"""

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from xml.etree import ElementTree

import aiohttp
from django.conf import settings

from engine.auth.errors import RequestError
from engine.s3 import policies, policy_actions, versions, xml
from engine.s3.answering import send
from engine.s3.call import Call
from engine.s3.key_translation import encode_key
from engine.s3.list_answers import xml_text
from engine.s3.uploads import Upload, read_body

UNSUPPORTED_CONDITIONS = ("Size", "LastModifiedTime")  # conditions of directory buckets; the store ignores them
MAX_BODY = 2**21  # bytes; a thousand keys of the greatest length, written as references


async def upload_of(call: Call, session: aiohttp.ClientSession) -> Upload | None:
    """Return the body for the store, and drop the checksums of the caller's from `call`. Raises RequestError.

    Protected keys are put into `call.protected`; None if all are.
    """
    body, trailers = await read_body(call.request, call.caller, MAX_BODY)
    root = checked(body, call.headers | trailers)
    policy = None if policies.is_exempt(call) else await policies.of_bucket(call.bucket)
    named = {element.text or "" for element in root.iter("VersionId")} - {"", versions.NULL}
    unversioned = bool(named) and not await versions.has_versions(call.bucket, session)
    for element in root.findall("Object"):
        key, version = element.findtext("Key") or "", element.findtext("VersionId") or ""
        if policy and policy.denies(policy_actions.deletion(call, key, version)):
            error = ("AccessDenied", "Access Denied")
        elif unversioned and version in named:
            error = ("NoSuchVersion", "The specified version does not exist.")
        elif any(element.find(name) is not None for name in UNSUPPORTED_CONDITIONS):
            error = ("NotImplemented", f"Of conditions, {' and '.join(UNSUPPORTED_CONDITIONS)} are not implemented.")
        else:
            continue
        root.remove(element)
        call.protected.append((key, *error))
    if call.protected and root.find("Object") is None:
        return None
    content = encode_keys(root) if settings.STORE_ENCODES_KEYS else ElementTree.tostring(root, "utf-8")
    for name in (*CHECKSUMS, "x-amz-sdk-checksum-algorithm"):
        call.headers.pop(name, None)
    digest = base64.b64encode(CHECKSUMS["content-md5"](content)).decode()
    return Upload(content, {"content-length": str(len(content)), "content-md5": digest})


def checked(body: bytes, headers: Mapping[str, str]) -> ElementTree.Element:
    """Return the element that the body of DeleteObjects is. Raises RequestError if a checksum differs."""
    _check(body, headers)
    return xml.parse(body, "Delete")


async def refuse(call: Call) -> None:
    """Answer a list of keys all of which are protected."""
    await send(call, 200, with_errors(call, xml.document("DeleteResult", "")))


def with_errors(call: Call, answer: bytes) -> bytes:
    """Return the store's answer with the protected keys as errors."""
    errors = "".join(
        f"<Error><Key>{xml_text(key)}</Key>{xml.tag('Code', code)}{xml.tag('Message', message)}</Error>"
        for key, code, message in call.protected
    )
    return answer.replace(b"</DeleteResult>", errors.encode() + b"</DeleteResult>")


def encode_keys(root: ElementTree.Element) -> bytes:
    """Return the XML of DeleteObjects with the store's names for its keys. Raises RequestError for what is no key."""
    for element in root.iter("Key"):
        element.text = encode_key((element.text or "").encode())
    return ElementTree.tostring(root, "utf-8")


def _check(body: bytes, headers: Mapping[str, str]) -> None:
    for name, checksum in CHECKSUMS.items():
        expected = headers.get(name)
        if expected is not None and expected != base64.b64encode(checksum(body)).decode():
            text = f"The {name} you specified did not match the calculated checksum."
            raise RequestError(text, "BadDigest", 400)


def _crc(polynomial: int, size: int) -> Callable[[bytes], bytes]:
    """A reflected CRC of `size` bytes, all bits set at the start and inverted at the end."""
    ones = (1 << 8 * size) - 1

    @cache
    def table() -> list[int]:
        entries = list(range(256))
        for _ in range(8):
            entries = [entry >> 1 ^ (polynomial if entry & 1 else 0) for entry in entries]
        return entries

    def checksum(body: bytes) -> bytes:
        value, entries = ones, table()
        for byte in body:
            value = value >> 8 ^ entries[(value ^ byte) & 255]
        return (value ^ ones).to_bytes(size)

    return checksum


CHECKSUMS: dict[str, Callable[[bytes], bytes]] = {
    "content-md5": lambda body: hashlib.md5(body, usedforsecurity=False).digest(),
    "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4),
    "x-amz-checksum-crc32c": _crc(0x82F63B78, 4),
    "x-amz-checksum-crc64nvme": _crc(0x9A6C9329AC4BC9B5, 8),
    "x-amz-checksum-sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
}
