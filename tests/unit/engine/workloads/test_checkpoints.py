"""Uploading a folder that a job writes at the same time, with names of its choice."""

import os
from types import SimpleNamespace

import pytest

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


def sync(folder, notes=None) -> CheckpointSync:
    return CheckpointSync(folder.parent, folder, "s3://b/c/", (notes if notes is not None else []).append)


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
