"""Calls that list, add or remove a collection of the store's are never with it at the same time."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from engine.s3 import store_collections
from engine.s3.turns import Turns


class Store:
    """A store that notes what it works on at once, and refuses what has a wrong checksum, in buckets that it has."""

    def __init__(self):
        self.at_work, self.together, self.paths = [], set(), []

    @asynccontextmanager
    async def work(self, kind):
        self.at_work.append(kind)
        self.together.add(frozenset(self.at_work))
        await asyncio.sleep(0.001)
        yield
        self.at_work.remove(kind)

    @asynccontextmanager
    async def put(self, url, headers, data):
        assert headers["content-md5"] and data
        self.paths.append(url.raw_path)
        code = b"NoSuchBucket" if "/gone" in url.raw_path else b"BadDigest"

        async def read():
            return b"<Error><Code>%b</Code></Error>" % code

        async with self.work("data"):
            yield SimpleNamespace(read=read)


@pytest.fixture
def store(settings, monkeypatch) -> Store:
    settings.STORE_URL = "http://key:secret@127.0.0.1:1"
    monkeypatch.setattr(store_collections, "_turns", Turns())
    monkeypatch.setattr(store_collections, "_with_collection", set())
    return Store()


def _call(operation: str, bucket: str) -> SimpleNamespace:
    return SimpleNamespace(operation=SimpleNamespace(name=operation), bucket=bucket)


def test_new_buckets_and_first_data_take_turns(store):
    async def fill(number: int) -> None:
        async with store_collections.turn_of(_call("CreateBucket", f"new-{number}")), store.work("list"):
            pass
        await store_collections.add(_call("PutObject", f"new-{number}"), store)
        async with store_collections.turn_of(_call("DeleteBucket", f"new-{number}")), store.work("end"):
            pass

    async def all_of_them() -> None:
        await asyncio.gather(*(fill(n) for n in range(50)))

    asyncio.run(all_of_them())
    assert store.together and not [kinds for kinds in store.together if "list" in kinds and len(kinds) > 1]
    assert len(store.paths) == 50


def test_who_gives_up_holds_nobody_up():
    turns = Turns()

    async def hold(side: str, seconds: float) -> None:
        async with asyncio.timeout(0.02), turns.of(side):
            await asyncio.sleep(seconds)

    async def some_give_up() -> None:
        sides = [hold("a", 0.01), hold("b", 1), hold("b", 0), hold("a", 1), hold("a", 0)]
        await asyncio.gather(*sides, return_exceptions=True)
        async with asyncio.timeout(1):
            for side in "abab":
                async with turns.of(side):
                    pass

    asyncio.run(some_give_up())


def test_the_first_data_of_a_bucket_comes_once_until_it_is_deleted(store):
    async def calls() -> None:
        for _ in range(5):
            await store_collections.add(_call("UploadPart", "bucket"), store)
        await store_collections.add(_call("GetObject", "other"), store)
        assert len(store.paths) == 1
        async with store_collections.turn_of(_call("DeleteBucket", "bucket")):
            pass
        await store_collections.add(_call("PutObject", "bucket"), store)
        assert len(store.paths) == 2

    asyncio.run(calls())


def test_a_bucket_that_is_not_there_has_no_collection(store):
    async def twice() -> None:
        for _ in range(2):
            await store_collections.add(_call("PutObject", "gone"), store)

    asyncio.run(twice())
    assert len(store.paths) == 2
