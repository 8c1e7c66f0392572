"""Uploading a folder that a job writes at the same time, with names of its choice."""

import os
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from common.memory import GIB
from common.remove_folder import remove_folder
from engine.workloads import checkpoints
from engine.workloads.checkpoints import CheckpointSync


@pytest.fixture
def uploaded(monkeypatch):
    """What was uploaded: a list of (key, content)."""
    observed: list[tuple[str, bytes]] = []
    client = SimpleNamespace(upload_fileobj=lambda content, bucket, key: observed.append((key, content.read())))
    monkeypatch.setattr(checkpoints.store, "client", lambda: client)
    return observed


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "job" / "checkpoints").mkdir(parents=True)
    return tmp_path / "job" / "checkpoints"


def sync(folder, notes=None, volume=0) -> CheckpointSync:
    return CheckpointSync(folder.parent, folder, "s3://b/c/", volume, (notes if notes is not None else []).append)


def test_each_file_is_uploaded_when_it_is_new_and_when_it_has_changed(folder, uploaded):
    (folder / "old").write_text("downloaded")
    watched = sync(folder)
    (folder / "deep").mkdir()
    (folder / "deep" / "a").write_text("1")
    assert (watched.upload(), watched.upload()) == (1, 0)
    (folder / "deep" / "a").write_text("22")
    assert watched.upload() == 1
    assert uploaded == [("c/deep/a", b"1"), ("c/deep/a", b"22")]


def test_links_and_pipes_are_left_out(folder, uploaded, tmp_path):
    watched = sync(folder)
    (tmp_path / "secret").write_text("key")
    (folder / "file").symlink_to(tmp_path / "secret")
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    assert watched.upload() == 0
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(tmp_path)
    assert watched.upload() == 0 and uploaded == []


def test_the_end_of_the_block_uploads_what_is_left(folder, uploaded):
    with sync(folder):
        (folder / "last").write_text("3")
    assert uploaded == [("c/last", b"3")]


def test_a_store_that_is_away_is_noted_once_and_tried_again(folder, monkeypatch, uploaded):
    notes: list[str] = []
    watched = sync(folder, notes)
    (folder / "a").write_text("1")
    working = checkpoints.store.client()

    def away(*_):
        raise OSError("no route")

    monkeypatch.setattr(checkpoints.store, "client", lambda: SimpleNamespace(upload_fileobj=away))
    watched.upload()
    watched.upload()
    assert len(notes) == 1 and "cannot be written to S3: no route" in notes[0]
    monkeypatch.setattr(checkpoints.store, "client", lambda: working)
    assert watched.upload() == 1


def test_holes_that_are_more_than_the_volume_are_noted_and_not_uploaded(folder, uploaded):
    notes: list[str] = []
    watched = sync(folder, notes, volume=GIB)
    for number in range(3):
        (folder / f"hole{number}").touch()
        os.truncate(folder / f"hole{number}", GIB // 2)
    assert watched.upload() == 0 and uploaded == []
    assert len(notes) == 1 and "they hold 1.50 GiB, more than the job's volume" in notes[0]
    (folder / "hole2").unlink()
    os.truncate(folder / "hole1", 1)
    os.truncate(folder / "hole0", 1)
    assert watched.upload() == 2


def test_folders_too_deep_for_python_and_a_name_too_long_for_s3_keep_no_other_file_back(folder, uploaded, monkeypatch):
    notes: list[str] = []
    watched = sync(folder, notes)
    opened = os.open(folder, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("deep", dir_fd=opened)
        below = os.open("deep", os.O_RDONLY, dir_fd=opened)
        os.close(opened)
        opened = below
    os.close(opened)
    (folder / "a").write_text("1")
    (folder / "b").write_text("2")
    working = checkpoints.store.client()

    def refuse_a(content, bucket, key):
        if key == "c/a":
            raise ClientError({"Error": {"Code": "KeyTooLongError", "Message": "too long"}}, "PutObject")
        working.upload_fileobj(content, bucket, key)

    monkeypatch.setattr(checkpoints.store, "client", lambda: SimpleNamespace(upload_fileobj=refuse_a))
    assert watched.upload() == 1 and uploaded == [("c/b", b"2")]
    assert len(notes) == 1 and "KeyTooLongError" in notes[0]
    remove_folder(folder)
