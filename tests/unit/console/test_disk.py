"""The watch of the disk: the reserve is given up when the disk is full, and everything is said once."""

import pytest

from common import disk
from common.disk import Space
from console.supervisor import disk as watched
from console.supervisor.disk import DiskWatch

GB = 10**9


@pytest.fixture
def watch(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    messages: list[str] = []
    watch = DiskWatch(tmp_path, messages.append, lambda: watch.is_accepted)
    watch.is_accepted = True

    def look(free: float, total: float = 100 * GB) -> list[str]:
        monkeypatch.setattr(watched, "space", lambda folder: Space(int(free), int(total)))
        messages.clear()
        watch.look()
        return list(messages)

    watch.at = look
    return watch


def test_it_warns_below_five_per_cent_and_once(watch):
    assert watch.at(6 * GB) == []
    (line,) = watch.at(4.9 * GB)
    assert "4,900 MB of 100,000 MB are free on the disk of" in line and "Below 1,100 MB" in line
    assert watch.at(4 * GB) == []
    (line,) = watch.at(GB)
    assert "are refused. Make room on it" in line
    (line,) = watch.at(50 * GB)
    assert "everything is accepted again" in line


def test_that_everything_is_accepted_is_said_when_it_is(watch):
    watch.at(GB)
    watch.is_accepted = False
    assert watch.at(50 * GB) == watch.at(50 * GB) == []
    watch.is_accepted = True
    assert "everything is accepted again" in watch.at(50 * GB)[0]


def test_nobody_is_to_accept_anything_while_the_disk_is_full(watch, monkeypatch):
    calls = []
    monkeypatch.setattr(watch, "accept", lambda: calls.append(1) or True)
    watch.at(GB)
    assert not calls
    watch.at(2 * GB)
    assert calls


def pieces(watch: DiskWatch) -> int:
    return sum(piece.exists() for piece in watch.reserve)


def test_the_reserve_is_taken_while_there_is_room_and_given_up_piece_by_piece(watch):
    watch.at(50 * GB)
    blocks = sum(piece.stat().st_blocks for piece in watch.reserve)
    assert blocks * 512 >= watched.RESERVE  # blocks of the disk, not a length alone
    watch.at(100e6)
    assert pieces(watch) == watched.PIECES
    for left in reversed(range(watched.PIECES)):
        watch.at(1e6)
        assert pieces(watch) == left
    watch.at(1e6)
    watch.at(100e6)
    assert pieces(watch) == 0  # the room is needed by others
    watch.at(GB)
    assert pieces(watch) == watched.PIECES


def test_a_small_disk_keeps_a_small_reserve_and_warns_before_it_refuses(watch):
    watch.at(0.5 * GB, GB)
    assert sum(piece.stat().st_size for piece in watch.reserve) <= GB // 100
    assert Space(int(0.1 * GB), GB).is_low and not Space(int(0.1 * GB), GB).is_full
    assert Space(int(0.06 * GB), GB).is_full


def test_the_space_of_a_folder_is_that_of_its_disk(tmp_path):
    free, total = disk.space(tmp_path)
    assert 0 < free < total
