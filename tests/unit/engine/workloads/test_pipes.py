"""The named pipes of Pipe mode: what is in an epoch, and how they end when an object cannot be had."""

import gzip
import os
import time

import pytest

from algorithms.contract import UserError
from engine.data_source import DownloadError, S3Object
from engine.workloads import pipes
from engine.workloads.pipes import PART, PipedChannel, Pipes, content

ITEM = S3Object("bucket", "rows.gz", 1, "etag", "rows.gz")
PACKED = PipedChannel("train", [ITEM], gzip=True)


def stored(monkeypatch, *parts: bytes) -> None:
    monkeypatch.setattr(pipes, "_stored", lambda _item: iter(parts))


def test_a_packed_object_without_its_end_is_refused(monkeypatch):
    whole = gzip.compress(os.urandom(1000))
    stored(monkeypatch, whole[:-20])
    with pytest.raises(UserError, match=r"rows.gz is no gzip file \(its end is missing\)"):
        list(content(PACKED, 0))


def test_members_and_the_zeros_that_fill_up_a_block_are_read(monkeypatch):
    stored(monkeypatch, gzip.compress(b"a") + bytes(9), bytes(5) + gzip.compress(b"b"), bytes(7))
    assert b"".join(content(PACKED, 0)) == b"ab"


def test_an_object_of_little_else_than_zeros_is_unpacked_bit_by_bit(monkeypatch):
    stored(monkeypatch, gzip.compress(bytes(50 * PART)))
    sizes = [len(part) for part in content(PACKED, 0)]
    assert (sum(sizes), max(sizes)) == (50 * PART, PART)


@pytest.mark.parametrize(
    "error", [DownloadError("It is gone."), RuntimeError("unforeseen")], ids=["told", "unforeseen"]
)
def test_no_pipe_is_left_to_wait_for_when_an_object_cannot_be_had(monkeypatch, tmp_path, error):
    def gone(_item):
        yield b"first"
        raise error

    monkeypatch.setattr(pipes, "_stored", gone)
    with pytest.raises(type(error)), Pipes(tmp_path, [PipedChannel("train", [ITEM])]):
        with (tmp_path / "train_0").open("rb") as reader:
            assert reader.read() == b"first"
        until = time.monotonic() + 20
        while (tmp_path / "train_1").exists():  # a script that opened it would wait for ever
            assert time.monotonic() < until
            time.sleep(0.01)


def test_a_pipe_that_is_closed_unread_is_followed_by_the_next_at_once(monkeypatch, tmp_path):
    monkeypatch.setattr(pipes, "_stored", lambda _item: iter((b"rows",)))
    make = os.mkfifo
    with Pipes(tmp_path, [PipedChannel("train", [ITEM])]):
        monkeypatch.setattr(os, "mkfifo", lambda *args, **more: (time.sleep(0.1), make(*args, **more)))
        for number in range(3):
            (tmp_path / f"train_{number}").open("rb").close()
        with (tmp_path / "train_3").open("rb") as reader:
            assert reader.read() == b"rows"
