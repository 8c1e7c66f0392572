"""Answers the operations that list keys, for the embedded store: ListObjects, its version 2, versions and uploads."""

import base64
import binascii
import re
from urllib.parse import quote
from xml.sax.saxutils import escape

import aiohttp

from engine.auth.errors import RequestError
from engine.s3 import xml
from engine.s3.access_answers import owner_elements
from engine.s3.answering import Answer, send
from engine.s3.call import Call
from engine.s3.key_names import InvalidKey
from engine.s3.listing import Item, Listing, Position, Source, group_of
from engine.s3.store_lists import KEY, Objects, Uploads, Versions

MAX_ENTRIES = 1000
OWNER = re.compile(r"<(Owner|Initiator)>.*?</\1>")  # the store's only user
_UNPRINTABLE = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Fields = dict[str, str | int | None]


class _ListQuery:
    """The query of a list: the parameters that all lists have, and how texts are written into the answer."""

    def __init__(self, call: Call, limit_name: str):
        self.call, self._limit_name = call, limit_name
        self.prefix, self.delimiter = self.text("prefix"), self.text("delimiter")
        self.encoding = self.text("encoding-type")
        if self.encoding not in ("", "url"):
            raise _invalid("encoding-type", self.encoding, "Invalid Encoding Method specified in Request")
        self.limit = self._limit()

    def text(self, name: str) -> str:
        """Return a parameter, "" when it is not there. Raises RequestError unless it is UTF-8."""
        value = self.call.query.get(name, "").encode("latin-1")
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise _invalid(name, value.decode(errors="replace"), "The parameter is not valid UTF-8") from None

    def _limit(self) -> int:
        text = self.text(self._limit_name) or str(MAX_ENTRIES)
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) < 2**31):
            reason = f"Provided {self._limit_name} not an integer or within integer range"
            raise _invalid(self._limit_name, text, reason)
        return min(int(text), MAX_ENTRIES)

    def key(self, text: str) -> str:
        """Return `text` as a key is written."""
        return quote(text, safe="/-_.~") if self.encoding else xml_text(text)

    def marker(self, text: str, identifier: str = "") -> Position:
        """Return the position after `text`; one that is a common prefix of this listing means all of its keys."""
        is_group = text.startswith(self.prefix) and text == group_of(text, self.prefix, self.delimiter)
        return Position(text, identifier, is_group and bool(text) and not identifier)

    async def entries(self, source: Source, after: Position) -> tuple[list[Item], bool]:
        """Return the entries after a position, and whether there are more. Raises RequestError."""
        try:
            return await Listing(source, self.prefix, self.delimiter, self.limit).entries(after)
        except InvalidKey as e:
            raise _invalid("prefix", self.prefix, str(e)) from None

    async def send(self, root: str, fields: Fields, entries: list[Item]) -> None:
        """Answer with the fields that are not None, and the entries."""
        written = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value is not None)
        listed = "".join(map(self._element, entries))
        owner = owner_elements()
        listed = OWNER.sub(lambda element: f"<{element[1]}>{owner}</{element[1]}>", listed)
        await send(self.call, 200, xml.document(root, written + listed))

    def _element(self, entry: Item) -> str:
        key = self.key(entry.text)
        if not entry.element:
            return f"<CommonPrefixes><Prefix>{key}</Prefix></CommonPrefixes>"
        return entry.element.replace(KEY, f"<Key>{key}</Key>", 1)

    def common(self, truncated: bool, limit_tag: str = "MaxKeys") -> Fields:
        """Return the fields that every answer has."""
        return {
            "Delimiter": self.key(self.delimiter) or None,
            limit_tag: self.limit,
            "EncodingType": self.encoding or None,
            "IsTruncated": "true" if truncated else "false",
        }


async def _objects(call: Call, session: aiohttp.ClientSession) -> None:
    query = _ListQuery(call, "max-keys")
    marker = query.text("marker")
    source = Objects(session, call.bucket, owners=True)
    entries, truncated = await query.entries(source, query.marker(marker))
    following = query.key(entries[-1].text) if truncated and query.delimiter else None
    fields: Fields = {
        "Name": call.bucket,
        "Prefix": xml_text(query.prefix),  # SDKs decode the other texts of version 1, not this one
        "Marker": query.key(marker),
        "NextMarker": following,
    }
    await query.send("ListBucketResult", fields | query.common(truncated), entries)


async def _objects_v2(call: Call, session: aiohttp.ClientSession) -> None:
    query = _ListQuery(call, "max-keys")
    token, start_after = query.text("continuation-token"), query.text("start-after")
    owners = query.text("fetch-owner") == "true"
    after = _read_token(token) if token else Position(start_after)
    entries, truncated = await query.entries(Objects(session, call.bucket, owners), after)
    fields: Fields = {
        "Name": call.bucket,
        "Prefix": query.key(query.prefix),
        "StartAfter": query.key(start_after) or None,
        "ContinuationToken": xml_text(token) if "continuation-token" in call.query else None,
        "NextContinuationToken": _token(entries[-1]) if truncated else None,
        "KeyCount": len(entries),
    }
    await query.send("ListBucketResult", fields | query.common(truncated), entries)


async def _versions(call: Call, session: aiohttp.ClientSession) -> None:
    query = _ListQuery(call, "max-keys")
    key, version = query.text("key-marker"), query.text("version-id-marker")
    entries, truncated = await query.entries(Versions(session, call.bucket), query.marker(key, version))
    last = entries[-1] if truncated else Item("")
    fields: Fields = {
        "Name": call.bucket,
        "Prefix": query.key(query.prefix),
        "KeyMarker": query.key(key),
        "VersionIdMarker": xml_text(version),
        "NextKeyMarker": query.key(last.text) or None,
        "NextVersionIdMarker": xml_text(last.id) or None,
    }
    await query.send("ListVersionsResult", fields | query.common(truncated), entries)


async def _uploads(call: Call, session: aiohttp.ClientSession) -> None:
    query = _ListQuery(call, "max-uploads")
    key = query.text("key-marker")
    upload = query.text("upload-id-marker") if key else ""  # S3 ignores an id without a key
    entries, truncated = await query.entries(Uploads(session, call.bucket), query.marker(key, upload))
    last = entries[-1] if truncated else Item("")
    fields: Fields = {
        "Bucket": call.bucket,
        "Prefix": query.key(query.prefix),
        "KeyMarker": query.key(key),
        "UploadIdMarker": xml_text(upload),
        "NextKeyMarker": query.key(last.text) or None,
        "NextUploadIdMarker": xml_text(last.id) or None,
    }
    await query.send("ListMultipartUploadsResult", fields | query.common(truncated, "MaxUploads"), entries)


def xml_text(text: str) -> str:
    """Return `text` for XML. What XML cannot carry becomes U+FFFD, so that clients can read the rest of the answer."""
    return _UNPRINTABLE.sub("\ufffd", escape(text)).replace("\r", "&#13;")


def _token(last: Item) -> str:
    """A continuation token: the last entry, and whether it is a key or a common prefix."""
    return base64.urlsafe_b64encode(f"{'k' if last.element else 'p'}{last.text}".encode()).decode()


def _read_token(token: str) -> Position:
    try:
        text = base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
        if text[:1] not in ("k", "p"):
            raise ValueError
    except (binascii.Error, ValueError):
        raise _invalid("continuation-token", token, "The continuation token provided is incorrect") from None
    return Position(text[1:], is_prefix=text[0] == "p")


def _invalid(name: str, value: str, reason: str) -> RequestError:
    return RequestError(reason, "InvalidArgument", 400, ArgumentName=name, ArgumentValue=value)


ANSWERS: dict[str, Answer] = {
    "ListObjects": _objects,
    "ListObjectsV2": _objects_v2,
    "ListObjectVersions": _versions,
    "ListMultipartUploads": _uploads,
}
