"""Puts the embedded store's names in the place of keys in a request, and keys in the place of names in its answer."""

import re
from html import unescape
from urllib.parse import quote, unquote_to_bytes

from engine.auth.errors import RequestError
from engine.s3.call import Call
from engine.s3.key_names import MAX_PATH, InvalidKey, KeyTooLong, decode, encode
from engine.s3.list_answers import xml_text
from engine.s3.operations import COPY_SOURCE, invalid_copy_source

# The operations whose answers name keys, besides errors and those that are answered in engine.s3.list_answers.
NAMING = {"CreateMultipartUpload", "CompleteMultipartUpload", "ListParts", "DeleteObjects"}
_NAMING = re.compile(r"<(Key|Resource|Location)>([^<]*)</\1>")


def encode_key(key: bytes) -> str:
    """Return the store's name of a key. Raises RequestError for what cannot be one or is too long."""
    try:
        return encode(key.decode())
    except KeyTooLong:
        text = "Your key is too long"
        raise RequestError(text, "KeyTooLongError", 400, Size=str(len(key)), MaxSizeAllowed=str(MAX_PATH)) from None
    except (UnicodeDecodeError, InvalidKey):
        raise RequestError("Couldn't parse the specified URI.", "InvalidURI", 400) from None


def encode_call(call: Call) -> None:
    """Put the store's names into the path of `call` and the header of a copy's source. Raises RequestError."""
    bucket, _, key = call.path[1:].partition("/")
    if key:
        call.path = f"/{bucket}/{quote(encode_key(_unquoted(key)))}"
    if COPY_SOURCE in call.headers:
        call.headers[COPY_SOURCE] = _encode_source(call.headers[COPY_SOURCE])


def _encode_source(source: str) -> str:
    """`source` is "/bucket/key?versionId=id", percent-encoded, with or without the first slash."""
    path, question, version = source.partition("?versionId=")
    bucket, _, key = _unquoted(path).removeprefix(b"/").partition(b"/")
    if not bucket or not key:
        raise invalid_copy_source(source)
    return f"/{quote(bucket)}/{quote(encode_key(key))}{question}{version}"


def names_keys(call: Call, status: int, content_type: str) -> bool:
    """Return whether the store's answer to `call` is XML that may name keys."""
    is_xml = content_type.partition(";")[0].endswith("/xml")
    return is_xml and (call.operation.name in NAMING or status >= 300)


def decode_answer(call: Call, body: bytes) -> bytes:
    """Return an answer of the store's with keys for names, and with the address that the caller has used."""
    request = call.request

    def decoded(match: re.Match[str]) -> str:
        if match[1] == "Location":
            return f"<Location>http://{request.headers.get('host', '')}{xml_text(request.path)}</Location>"
        return f"<{match[1]}>{xml_text(decode(unescape(match[2])))}</{match[1]}>"

    return _NAMING.sub(decoded, body.decode()).encode()


def _unquoted(text: str) -> bytes:
    return unquote_to_bytes(text.encode("latin-1"))
