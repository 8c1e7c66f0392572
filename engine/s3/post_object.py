"""PostObject: an upload by a browser's form, with a policy that a holder of a key has signed.

The file goes to the store like PutObject's. Its length is known only at its end, because fields may follow it, so it is
written to a temporary file first.
"""

import hmac
import tempfile
from collections.abc import AsyncIterator
from typing import IO
from urllib.parse import quote, urlencode, urlsplit
from xml.etree.ElementTree import Element

from engine.auth import Caller, sigv2, sigv4
from engine.auth.errors import ErrorTexts, RequestError
from engine.auth.keys import CachedKey
from engine.auth.signed_request import ALGORITHM
from engine.http.caller import find_key, record_use
from engine.http.request import Headers
from engine.s3 import post_policy, xml
from engine.s3.call import Call
from engine.s3.form import Form
from engine.s3.operations import Level, by_name
from engine.s3.uploads import MAX_BODY, SMALL_BODY, Upload

BLOCK = 256 * 1024  # bytes
HEADER_FIELDS = (
    "cache-control",
    "content-type",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
OTHER_FIELDS = {
    "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token", "x-amz-signature", "x-amz-acl",
}  # fmt: skip


def is_form(call: Call) -> bool:
    """Return whether `call` is a form, whose fields say who sent it."""
    headers = call.request.headers
    return (
        call.request.method == "POST"
        and call.level == Level.BUCKET
        and not call.parameters
        and "authorization" not in headers
        and headers.get("content-type", "").lower().startswith("multipart/form-data")
    )


async def receive(call: Call) -> Upload:
    """Turn `call` into PutObject by its caller, and return the file. Raises RequestError; nothing is stored yet."""
    form = Form(call.request.headers.get("content-type", ""), call.request.blocks())
    fields = await form.fields()
    fields["key"] = fields.get("key", "").replace("${filename}", fields["file"])
    if not fields["key"]:
        raise _missing("key")
    caller = await _caller(fields)
    least, greatest = post_policy.check(fields["policy"], fields, call.bucket)
    content, size = await _spooled(form.file(), MAX_BODY if greatest is None else min(greatest, MAX_BODY))
    if size < least:
        text = "Your proposed upload is smaller than the minimum allowed size"
        raise RequestError(text, "EntityTooSmall", 400, ProposedSize=str(size), MinSizeAllowed=str(least))
    call.caller, call.fields, call.operation = caller, fields, by_name()["PutObject"]
    call.path = f"/{call.bucket}/{quote(fields['key'])}"
    call.headers = _headers(fields)
    return Upload(content.read() if size <= SMALL_BODY else _read(content), {"content-length": str(size)})


async def _caller(fields: dict[str, str]) -> Caller:
    if "policy" not in fields and "signature" not in fields and "x-amz-signature" not in fields:
        raise RequestError("Access Denied")
    is_old = "x-amz-signature" not in fields
    needed = ("policy", "awsaccesskeyid", "signature") if is_old else ("policy", "x-amz-credential", "x-amz-date")
    for name in needed:
        if not fields.get(name):
            raise _missing(name)
    if is_old:
        sigv2.check_enabled()
        key = await find_key(fields["awsaccesskeyid"], "s3")
        caller = _verified_old(fields, key)
    else:
        caller = await _verified(fields)
    record_use(caller.key)
    return caller


def _verified_old(fields: dict[str, str], key: CachedKey | None) -> Caller:
    texts = ErrorTexts("s3", "", {})
    if key is None:
        raise texts.unknown_key(fields["awsaccesskeyid"])
    expected = sigv2.sign(key.secret, fields["policy"].encode())
    if not hmac.compare_digest(expected.encode(), fields["signature"].encode()):
        raise texts.mismatch(fields["awsaccesskeyid"], fields["policy"], fields["signature"], "")
    return sigv2.caller(key, fields["signature"], {})


async def _verified(fields: dict[str, str]) -> Caller:
    texts, parts = ErrorTexts("s3", "", {}), fields["x-amz-credential"].rsplit("/", 4)
    if len(parts) != 5 or parts[3:] != ["s3", "aws4_request"] or fields.get("x-amz-algorithm") != ALGORITHM:
        raise texts.malformed("the Credential must be KEY/YYYYMMDD/REGION/s3/aws4_request.", True)
    access_key_id, date, region, *_ = parts
    key = await find_key(access_key_id, "s3")
    if key is None:
        raise texts.unknown_key(access_key_id)
    signing_key = sigv4.derive(key.secret, date, region, "s3")
    expected = sigv4.signature_of(signing_key, fields["policy"])
    if not hmac.compare_digest(expected.encode(), fields["x-amz-signature"].encode()):
        raise texts.mismatch(access_key_id, fields["policy"], fields["x-amz-signature"], "")
    return sigv2.caller(key, fields["x-amz-signature"], {})._replace(region=region)


def _missing(name: str) -> RequestError:
    text = f"Bucket POST must contain a field named '{name}'. If it is specified, please check the order of the fields."
    return RequestError(text, "InvalidArgument", 400, ArgumentName=name, ArgumentValue="")


async def _spooled(pieces: AsyncIterator[bytes], greatest: int) -> tuple[IO[bytes], int]:
    """The file, to be read from its beginning, and its size in bytes."""
    content, size = tempfile.SpooledTemporaryFile(8 * 1024 * 1024), 0  # noqa: SIM115 (closed when it is collected)
    async for piece in pieces:
        size += len(piece)
        if size > greatest:
            text = "Your proposed upload exceeds the maximum allowed size"
            raise RequestError(text, "EntityTooLarge", 400, ProposedSize=str(size), MaxSizeAllowed=str(greatest))
        content.write(piece)
    content.seek(0)
    return content, size


async def _read(content: IO[bytes]) -> AsyncIterator[bytes]:
    while block := content.read(BLOCK):
        yield block


def _headers(fields: dict[str, str]) -> dict[str, str]:
    """The fields that PutObject has as headers, as latin-1 text."""
    names = [n for n in fields if n in HEADER_FIELDS or (n.startswith("x-amz-") and n not in OTHER_FIELDS)]
    headers = {name: fields[name].encode().decode("latin-1") for name in names}
    if "tagging" in fields:
        tags = xml.parse(fields["tagging"].encode(), "Tagging").iter("Tag")
        headers["x-amz-tagging"] = urlencode([(_text(tag, "Key"), _text(tag, "Value")) for tag in tags])
    return headers


def _text(tag: Element, name: str) -> str:
    return tag.findtext(name) or ""


async def respond(call: Call, head: Headers) -> None:
    """Answer the form whose file was stored; `head` has the store's headers."""
    fields, bucket = call.fields, call.bucket
    etag = dict(head).get(b"etag", b"").decode()
    key = fields["key"]
    headers = [(name, value) for name, value in head if name not in (b"content-type", b"content-length")]
    headers += call.request.cors
    redirect = fields.get("success_action_redirect") or fields.get("redirect", "")
    if urlsplit(redirect).scheme in ("http", "https") and "\n" not in redirect and "\r" not in redirect:
        query = urlencode({"bucket": bucket, "key": key, "etag": etag})
        location = f"{redirect}{'&' if '?' in redirect else '?'}{query}"
        await call.request.answer(303, [*headers, (b"location", quote(location, safe="%/:=&?~#+!$,;'@()*[]").encode())])
        return
    location = f"http://{call.request.headers.get('host', '')}/{bucket}/{quote(key)}"
    headers.append((b"location", location.encode("latin-1", "replace")))
    status = {"200": 200, "201": 201}.get(fields.get("success_action_status", ""), 204)
    body = b""
    if status == 201:
        names = {"Location": location, "Bucket": bucket, "Key": key, "ETag": etag}
        body = xml.document("PostResponse", "".join(xml.tag(name, value) for name, value in names.items()))
        headers.append((b"content-type", b"application/xml"))
    await call.request.answer(status, headers, body)
