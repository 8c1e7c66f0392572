"""Lists keys, versions or uploads as S3 does: by prefix and delimiter, after a position, so many at a time.

It reads from a source that lists the encoded names of the embedded store in order, and knows nothing of HTTP or XML.
"""

from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from engine.s3.key_names import CUT, LAST, encode_position, encode_prefix

MAX_PAGE = 1000  # names that the store lists at a time
GROUPED_PAGE = 250  # the same where most names may fall into one group
AFTER_ALL = LAST * 8  # after a prefix: sorts after the keys that begin with it


class Item(NamedTuple):
    """One entry of the source or of the answer.

    `name` is the store's and `text` the key it stands for; `element` is XML to answer with, "" for a folder or a
    common prefix. `id` tells the versions or uploads of one key apart.
    """

    text: str
    name: str = ""
    element: str = ""
    id: str = ""


class Page(NamedTuple):
    """Items of the source in order, and the name and id after which there may be more; None at the end."""

    items: list[Item]
    following: tuple[str, str] | None


class Position(NamedTuple):
    """Where a listing goes on: after the key `text` and its version or upload `id`, or after the whole prefix."""

    text: str = ""
    id: str = ""
    is_prefix: bool = False


class Source(Protocol):
    """Lists names. `lists_folders` if it can list one level: folders by their names with "/", not what is in them."""

    lists_folders: bool

    async def page(self, prefix: str, folders: bool, start: str, start_id: str, size: int) -> Page:
        """Return at most `size` items whose names begin with `prefix` and stand after `start`, and its `start_id`."""


def group_of(text: str, prefix: str, delimiter: str) -> str:
    """Return the common prefix that `text`, which begins with `prefix`, is rolled up into; "" for none."""
    end = text.find(delimiter, len(prefix)) if delimiter else -1
    return text[: end + len(delimiter)] if end >= 0 else ""


class Listing:
    """One answer of at most `limit` entries. `source` names keys encoded, `prefix` and `delimiter` are the caller's."""

    def __init__(self, source: Source, prefix: str, delimiter: str, limit: int):
        self._source, self._prefix, self._delimiter, self._limit = source, prefix, delimiter, limit
        self._folders = delimiter == "/" and source.lists_folders
        self._group = ""  # the common prefix that was the last entry
        self._wanted = limit + 1  # one more tells whether the answer is truncated

    async def entries(self, after: Position) -> tuple[list[Item], bool]:
        """Return the entries after a position, and whether there are more. Raises InvalidKey, or as the source does."""
        entries: list[Item] = []
        start, start_id = self._start(after)
        previous = Item(after.text if after.is_prefix else "")
        async for item in self._items(encode_prefix(self._prefix), start, start_id):
            if not item.text.startswith(self._prefix):
                if item.text > self._prefix:
                    break
                continue
            self._group = group_of(item.text, self._prefix, self._delimiter)
            entry = Item(self._group) if self._group else item
            repeated = entry.text < previous.text or (entry.text, entry.id) == (previous.text, previous.id)
            if repeated or not (self._group or item.element):  # an empty folder of the store is nothing
                continue
            if len(entries) == self._limit:
                return entries, self._limit > 0
            entries.append(entry)
            previous = entry
            self._wanted -= 1
        return entries, False

    def _start(self, after: Position) -> tuple[str, str]:
        """The name and id to start after: the store wants them to begin with the prefix."""
        if not after.text.startswith(self._prefix):
            return ("", "") if after.text < self._prefix else (encode_prefix(self._prefix + AFTER_ALL), "")
        if after.is_prefix:
            return self._after_group(after.text), ""
        return encode_position(after.text), after.id

    def _after_group(self, group: str) -> str:
        """The name after which no key of the group stands. The store skips a folder that it is to start after."""
        return encode_prefix(group if self._folders else group + AFTER_ALL)

    async def _items(self, prefix: str, start: str, start_id: str) -> AsyncIterator[Item]:
        """The source's items, with folders that are no slash of a key replaced by what is in them."""
        while True:
            most = GROUPED_PAGE if self._delimiter and not self._folders else MAX_PAGE
            page = await self._source.page(prefix, self._folders, start, start_id, min(most, self._wanted))
            for item in page.items:
                if item.element or not item.name.endswith(CUT):
                    yield item
                    continue
                inside = start if start.startswith(item.name) else ""
                async for deeper in self._items(item.name, inside, start_id if inside else ""):
                    yield deeper
            if not page.following:
                return
            start, start_id = page.following
            if self._group and start.startswith(encode_prefix(self._group)):
                after = self._after_group(self._group)
                if self._folders or after > start:
                    start, start_id = after, ""
