"""Sources of engine.s3.listing: what the embedded store lists of a bucket, by the names that it keeps.

Its answers are read with regular expressions: they are the output of one program, in which an element has one form.
`encoding-type=url` is never sent, for with it the store puts the versions of a page in the order of the escaped names.
"""

import re
from html import unescape
from urllib.parse import quote

import aiohttp

from engine.auth.errors import RequestError
from engine.s3 import upstream
from engine.s3.answering import TIMEOUT, no_answer
from engine.s3.key_names import LAST, decode
from engine.s3.listing import MAX_PAGE, Item, Page

_TRUNCATED = "<IsTruncated>true<"
_ENDS = ("!", f"{LAST}/")  # of names; others are of empty folders, or of what an upgrade could not rename
KEY = "<Key/>"  # stands for the key in the element of an item
_ELEMENT = re.compile(r"<(Contents|Version|DeleteMarker|Upload|CommonPrefixes)>(.*?)</\1>", re.DOTALL)
_NAME = re.compile(r"<(?:Key|Prefix)>([^<]*)</(?:Key|Prefix)>")
_ID = re.compile(r"<(?:VersionId|UploadId)>([^<]*)<")
_ERROR = re.compile(r"<Code>([^<]*)</Code><Message>([^<]*)</Message>")
_NEXT_UPLOAD = re.compile(r"<NextUploadIdMarker>([^<]*)<")


class _BucketLists:
    """Lists of one bucket."""

    def __init__(self, session: aiohttp.ClientSession, bucket: str):
        self._session, self._bucket = session, bucket

    async def _get(self, **parameters: str) -> str:
        """Return the store's answer. Raises RequestError with the store's own code."""
        query_values = {name.replace("_", "-"): value for name, value in parameters.items()}
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in query_values.items())
        url, headers = upstream.signed("GET", f"/{self._bucket}", query, {})
        try:
            async with self._session.get(url, headers=headers, timeout=TIMEOUT) as response:
                text = (await response.read()).decode()
        except (aiohttp.ClientError, TimeoutError):
            raise no_answer() from None
        if response.status != 200:
            error = _ERROR.search(text)
            code, message = (unescape(error[1]), unescape(error[2])) if error else ("InternalError", "")
            raise RequestError(message, code, response.status, BucketName=self._bucket)
        return text


class Objects(_BucketLists):
    """The current objects; their elements name the owner if `owners`."""

    lists_folders = True

    def __init__(self, session: aiohttp.ClientSession, bucket: str, owners: bool):
        super().__init__(session, bucket)
        self._owners = {"fetch_owner": "true"} if owners else {}

    async def page(self, prefix: str, folders: bool, start: str, start_id: str, size: int) -> Page:
        """Return a page of objects and, if `folders`, of folders; `start_id` says nothing here."""
        more = self._owners | ({"delimiter": "/"} if folders else {}) | ({"start_after": start} if start else {})
        return _page(await self._get(list_type="2", prefix=prefix, max_keys=str(size), **more))


class Versions(_BucketLists):
    """All versions and delete markers, the newest of a key first."""

    lists_folders = False

    async def page(self, prefix: str, folders: bool, start: str, start_id: str, size: int) -> Page:
        """Return a page of versions and delete markers; there are no folders."""
        markers = {"key_marker": start, "version_id_marker": start_id} if start_id else {"key_marker": start}
        return _page(await self._get(versions="", prefix=prefix, max_keys=str(size), **(markers if start else {})))


class Uploads(_BucketLists):
    """Multipart uploads. The store lists them by id, so all are read; there are few."""

    lists_folders = False
    _all: list[Item] | None = None

    async def page(self, prefix: str, folders: bool, start: str, start_id: str, size: int) -> Page:
        """Return a page of uploads; there are no folders."""
        if self._all is None:
            self._all = await self._read(prefix)
        after = (start, start_id or LAST)
        items = [item for item in self._all if not start or (item.name, item.id) > after]
        return Page(items[:size], (items[size - 1].name, items[size - 1].id) if len(items) > size else None)

    async def _read(self, prefix: str) -> list[Item]:
        items: list[Item] = []
        marker = ""
        while True:
            text = await self._get(uploads="", prefix=prefix, max_uploads=str(MAX_PAGE), upload_id_marker=marker)
            following = _NEXT_UPLOAD.search(text)
            items += _page(text).items
            if _TRUNCATED not in text or not following or following[1] == marker:
                return sorted(items, key=lambda item: (item.name, item.id))
            marker = following[1]


def _page(text: str) -> Page:
    items = [_item(tag, inner) for tag, inner in _ELEMENT.findall(text)]
    items.sort(key=lambda item: item.name)  # stable: the versions of one key stay in the store's order
    following = (items[-1].name, items[-1].id) if items and _TRUNCATED in text else None
    return Page([item for item in items if item.name.endswith(_ENDS)], following)


def _item(tag: str, inner: str) -> Item:
    match = _NAME.search(inner)
    if not match:
        raise ValueError(f"The store lists {inner[:200]!r}, which has no name.")
    name = unescape(match[1])
    if tag == "CommonPrefixes":
        return Item(decode(name), name)
    identifier = _ID.search(inner)
    element = f"<{tag}>{inner[: match.start()]}{KEY}{inner[match.end() :]}</{tag}>"
    return Item(decode(name), name, element, unescape(identifier[1]) if identifier else "")
