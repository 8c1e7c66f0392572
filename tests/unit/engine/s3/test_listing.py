"""Listings over a tree that is walked as the store walks it are those of S3, page by page."""

import asyncio
import os.path

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.s3.key_names import LAST, decode, encode
from engine.s3.listing import Item, Listing, Page, Position
from tests.unit.engine.s3.s3_model import expected

LONG = "x" * 245  # the names of what begins so are cut
some_keys = st.lists(st.sampled_from(["/", "a", "-", ".", "[", LONG]), min_size=1, max_size=4).map("".join)
buckets = st.lists(st.tuples(some_keys, st.sampled_from("123")), min_size=1, max_size=25, unique=True)


class Tree:
    """A store of names: lists all of them, or one level with its folders, at most `most` at a time.

    Asked for a level after a name that lies deeper, it lists what is left of the deeper levels, too, as the store does.
    """

    def __init__(self, keys: list[tuple[str, str]], lists_folders: bool, most: int):
        self._items = sorted((encode(key), identifier) for key, identifier in keys)
        self.lists_folders, self._most, self.pages = lists_folders, most, 0

    async def page(self, prefix: str, folders: bool, start: str, start_id: str, size: int) -> Page:
        self.pages += 1
        assert self.pages < 400, "it goes on for ever"
        items: list[Item] = []
        for name, identifier in self._items:
            end = self._end(name, prefix, start) if folders else 0
            entry = Item(decode(name[:end]), name[:end]) if end else Item(decode(name), name, "<Key/>", identifier)
            skipped = folders and start.endswith("/") and name.startswith(start)
            is_after = (name, identifier) > (start, start_id or LAST) and not skipped
            if name.startswith(prefix) and is_after and entry not in items[-1:]:
                items.append(entry)
        size = min(size, self._most)
        return Page(items[:size], (items[size - 1].name, items[size - 1].id) if len(items) > size else None)

    def _end(self, name: str, prefix: str, start: str) -> int:
        """How much of `name` is a folder of the level; 0 when it is a file of it."""
        shared = os.path.commonprefix([name, start]).rfind("/") + 1
        return name.find("/", max(shared, len(prefix))) + 1 or name.find("/", len(prefix)) + 1


def pages(tree: Tree, prefix: str, delimiter: str, after: Position, limit: int) -> list[tuple[str, str]]:
    """All entries, asked for in pages."""
    entries: list[tuple[str, str]] = []
    truncated = True
    while truncated:
        page, truncated = asyncio.run(Listing(tree, prefix, delimiter, limit).entries(after))
        assert len(page) == limit if truncated else len(page) <= limit
        entries += [(item.text, item.id) for item in page]
        if page:
            after = Position(page[-1].text, page[-1].id, is_prefix=not page[-1].element)
    return entries


@settings(max_examples=300, deadline=None)
@given(buckets, st.data(), st.sampled_from(["", "/", "/", "//", "a", "-", "."]), st.integers(1, 8), st.integers(1, 8))
def test_every_page_is_what_s3_lists(keys, data, delimiter, limit, most):
    prefix = data.draw(st.one_of(st.just(""), some_keys))[: data.draw(st.integers(0, 300))]
    after = Position(data.draw(st.one_of(st.just(""), some_keys, st.sampled_from([key for key, _ in keys]))))
    versions = data.draw(st.booleans())
    if not versions:
        keys = [(key, "") for key in {key for key, _ in keys}]
    tree = Tree(keys, lists_folders=not versions, most=most)
    assert pages(tree, prefix, delimiter, after, limit) == expected(keys, prefix, delimiter, after)


def test_a_listing_of_nothing_is_not_truncated():
    tree = Tree([("a", "")], lists_folders=True, most=1000)
    assert asyncio.run(Listing(tree, "", "", 0).entries(Position())) == ([], False)
    assert asyncio.run(Listing(tree, "b", "", 10).entries(Position())) == ([], False)
    assert asyncio.run(Listing(tree, "a", "", 10).entries(Position("b"))) == ([], False)


def test_keys_in_one_group_are_skipped_without_reading_them():
    keys = [(f"a{number:04}-x{number}", "") for number in range(300)] + [("b-1", "")]
    tree = Tree([(f"a-{key}", "") for key, _ in keys], lists_folders=False, most=10)
    assert pages(tree, "", "-", Position(), 10) == [("a-", "")]
    assert tree.pages < 4
