"""The checksums of an upload's parts, saved when it is complete, and reported with the object and each of its parts.

The store checks them and keeps that of the whole object. An ETag of an upload in parts stands for the content of each
part, so a row with this ETag is true for every object that has it, and needs no change when one is deleted.
Source: "Checking object integrity in Amazon S3", tutorial and GetObjectAttributes in the API reference.
"""

import json
import logging
import re
from itertools import pairwise

import aiohttp
from django.db import DatabaseError

from engine.auth.errors import RequestError
from engine.http.caller import in_database
from engine.http.request import Headers
from engine.models import PartChecksums
from engine.s3 import xml
from engine.s3.answering import head_of
from engine.s3.call import Call
from engine.s3.encryption import CUSTOMER_PREFIX
from engine.s3.uploads import Upload, read_body

log = logging.getLogger(__name__)
HEADERS = {f"x-amz-checksum-{name.lower()}": f"Checksum{name}" for name in
           ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")}  # fmt: skip
TYPE, MODE, ATTRIBUTES = "x-amz-checksum-type", "x-amz-checksum-mode", "x-amz-object-attributes"
MAX_COMPLETE = 4 * 2**20  # bytes; ten thousand parts with checksums have about two million
_END = "</GetObjectAttributesResponse>"
_PART = re.compile(r"<PartNumber>(\d+)</PartNumber>")


async def upload_of(call: Call) -> Upload:
    """Return the body of CompleteMultipartUpload. Raises RequestError when it is wrong or too long."""
    body, _ = await read_body(call.request, call.caller, MAX_COMPLETE)
    check_order(body)
    return Upload(body, {"content-length": str(len(body))})


def check_order(body: bytes) -> None:
    """Raise RequestError unless `body` lists parts in order. One that was sent again may be there twice, as on AWS."""
    parts = xml.parse(body, "CompleteMultipartUpload").findall("Part")
    numbers = [(part.findtext("PartNumber") or "").strip() for part in parts]
    if not numbers or not all(number.isascii() and number.isdecimal() and len(number) < 10 for number in numbers):
        raise xml.malformed()
    if any(int(number) > int(following) for number, following in pairwise(numbers)):
        text = "The list of parts was not in ascending order. Parts must be ordered by part number."
        raise RequestError(text, "InvalidPartOrder", 400)


async def save(call: Call, sent: bytes, answer: bytes) -> None:
    """Save the checksums in `sent`, the body of the CompleteMultipartUpload that the store has answered with success.

    Without a database the object is there all the same, and its parts' checksums are not reported.
    """
    try:
        result, request = xml.parse(answer, "CompleteMultipartUploadResult"), xml.parse(sent, "CompleteMultipartUpload")
        element = next(element for element in HEADERS.values() if result.findtext(element))
    except (RequestError, StopIteration):
        return
    parts = {(part.findtext("PartNumber") or "").strip(): part.findtext(element) for part in request.iter("Part")}
    if not all(parts.values()):
        return
    document = {"element": element, "type": result.findtext("ChecksumType"), "parts": parts}
    try:
        await in_database(_write, call.bucket, (result.findtext("ETag") or "").strip('"'), document)
    except DatabaseError as error:
        log.warning("the checksums of the parts of %s are not saved: %s", call.path, error)


async def of_part(call: Call, head: Headers) -> Headers:
    """Return the headers with the checksum of the part that `call` reads, none without a request for it or a row."""
    if "partNumber" not in call.query or call.headers.get(MODE, "").upper() != "ENABLED":
        return []
    document = await _read(call.bucket, dict(head).get(b"etag", b"").decode("latin-1"))
    checksum = document["parts"].get(str(int(call.query["partNumber"]))) if document else None
    if not document or not checksum:
        return []
    name = next(name for name, element in HEADERS.items() if element == document["element"])
    return [(name.encode(), checksum.encode()), *_type_header(document["type"])]


def of_object(head: Headers) -> Headers:
    """Return the header with the kind of the object's checksum in `head`, where the store leaves it out."""
    names = {name.decode("latin-1") for name, _ in head}
    return _type_header("FULL_OBJECT") if names & HEADERS.keys() and TYPE not in names else []


def _type_header(kind: str) -> Headers:
    return [(TYPE.encode(), kind.encode())]


async def complete_attributes(call: Call, session: aiohttp.ClientSession, answer: bytes) -> bytes:
    """Return the store's answer to GetObjectAttributes with the checksums that `call` asks for."""
    wanted = {name.strip() for name in call.headers.get(ATTRIBUTES, "").split(",")}
    if not wanted & {"Checksum", "ObjectParts"}:
        return answer
    version = call.query.get("versionId", "")
    customer = {name: value for name, value in call.headers.items() if name.startswith(CUSTOMER_PREFIX)}
    query = f"versionId={version}" if version else ""
    status, head = await head_of(session, call.path, query, {MODE: "ENABLED", **customer})
    if status != 200:
        return answer
    text = answer.decode()
    values = {name.decode("latin-1"): value.decode("latin-1") for name, value in [*head, *of_object(head)]}
    checksums = "".join(xml.tag(element, values[name]) for name, element in HEADERS.items() if name in values)
    if "Checksum" in wanted and checksums:
        element = f"<Checksum>{checksums}{xml.tag('ChecksumType', values[TYPE])}</Checksum>"
        text = text.replace(_END, element + _END)
    if "ObjectParts" in wanted and (document := await _read(call.bucket, values.get("etag", ""))):
        text = _PART.sub(lambda match: match[0] + _of_number(document, match[1]), text)
    return text.encode()


def _of_number(document: dict, number: str) -> str:
    checksum = document["parts"].get(number)
    return xml.tag(document["element"], checksum) if checksum else ""


async def _read(bucket: str, etag: str) -> dict | None:
    """The document of the objects of `bucket` with this ETag; None when it is not known."""
    if "-" not in etag:  # one that came in one piece
        return None
    try:
        return await in_database(_row, bucket, etag.strip('"'))
    except DatabaseError as error:
        log.warning("the checksums of the parts of an object in %s are not known: %s", bucket, error)
        return None


def _row(bucket: str, etag: str) -> dict | None:
    row = PartChecksums.objects.filter(bucket=bucket, etag=etag).first()
    return json.loads(row.document) if row else None


def _write(bucket: str, etag: str, document: dict) -> None:
    values = {"document": json.dumps(document, separators=(",", ":"))}
    PartChecksums.objects.update_or_create(bucket=bucket, etag=etag, defaults=values)
