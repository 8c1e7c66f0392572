"""What the gateway does when the store's disk is nearly full, and when the store does not answer."""

import asyncio
from types import SimpleNamespace

import pytest

from common.disk import Space
from engine.auth.errors import RequestError
from engine.s3 import room
from engine.s3.deadline import Deadline

GB = 1024**3


def disk_of(monkeypatch, settings, tmp_path, total: int, free: int) -> None:
    settings.STORE_FOLDER = str(tmp_path)
    monkeypatch.setattr(room, "space", lambda folder: Space(free, total))


@pytest.mark.parametrize(
    ("total", "spare"),
    [(300 * 1024**2, 64 * 1024**2), (10 * GB, GB // 2), (50 * GB, GB), (90 * GB, GB), (9000 * GB, 99 * GB)],
)
def test_the_room_that_stays_free_scales_with_the_disk(total, spare):
    assert Space(0, total).spare == spare


@pytest.mark.parametrize("total", [10**9, 10**11, 10**13])
def test_the_gateway_refuses_with_a_reason_before_the_store_does_without(total):
    assert Space(int(0.0101 * total), total).is_full


def test_a_nearly_full_disk_refuses_what_stores_and_nothing_else(monkeypatch, settings, tmp_path):
    disk_of(monkeypatch, settings, tmp_path, 50 * GB, GB + 1024)
    room.check("PutObject", SimpleNamespace(length=1024))
    with pytest.raises(
        RequestError, match="nearly full: 1073.7 MB are free, and 1073.7 MB have to stay free"
    ) as caught:
        room.check("PutObject", SimpleNamespace(length=1025))
    assert (caught.value.code, caught.value.status) == ("InsufficientStorage", 507)
    disk_of(monkeypatch, settings, tmp_path, 100 * GB, 0)
    for operation in ("GetObject", "DeleteObject", "DeleteObjects", "AbortMultipartUpload", "CompleteMultipartUpload"):
        room.check(operation, SimpleNamespace(length=10))
    settings.STORE_FOLDER = ""
    room.check("PutObject", SimpleNamespace(length=10))


def test_the_stores_time_stands_while_the_client_is_slow():
    async def slow():
        for _ in range(3):
            await asyncio.sleep(0.06)
            yield b"block"

    async def send(hangs: bool) -> int:
        deadline = Deadline("PutObject")
        deadline.seconds = 0.05
        async with deadline.limit:
            count = len([block async for block in deadline.watch(slow())])
            if hangs:
                await asyncio.sleep(5)
            return count

    assert asyncio.run(send(hangs=False)) == 3
    with pytest.raises(TimeoutError):
        asyncio.run(send(hangs=True))


def test_a_copy_may_take_longer():
    async def seconds(operation: str) -> float:
        return Deadline(operation).seconds

    assert asyncio.run(seconds("CopyObject")) > asyncio.run(seconds("PutObject"))
