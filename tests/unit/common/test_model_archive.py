"""Links in the archives that people bring: what they may lead to, and what no archive writes."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from common import model_archive
from common.model_archive import BadArtifact, unpack

LONG, STEPS = "d" * 247, "abcdefghijklmnop"  # folders and links to them, together longer than the kernel's 4096


class Archive:
    """An archive below `folder`, beside which lies a file that it must not reach."""

    def __init__(self, folder: Path):
        self.file, self.target, self.outside = folder / "a.tar.gz", folder / "in/it", folder / "outside/file"
        self.target.mkdir(parents=True)
        self.outside.parent.mkdir()
        self.outside.write_text("original")
        self.members: list[tuple[tarfile.TarInfo, bytes]] = []

    def add(self, name: str, kind: bytes = tarfile.REGTYPE, link: str = "", content: bytes = b"") -> None:
        member = tarfile.TarInfo(name)
        member.type, member.linkname, member.size = kind, link, len(content)
        self.members.append((member, content))

    def unpack(self) -> None:
        with tarfile.open(self.file, "w:gz") as tar:
            for member, content in self.members:
                tar.addfile(member, io.BytesIO(content))
        unpack(self.file, self.target)

    def assert_nothing_outside_changed(self) -> None:
        assert self.outside.read_text() == "original"
        assert [path.name for path in self.outside.parent.iterdir()] == ["file"]
        assert sorted(path.name for path in self.target.parent.iterdir()) == ["it"]


@pytest.fixture
def archive(tmp_path) -> Archive:
    return Archive(tmp_path)


@pytest.mark.parametrize("last", ["hard link", "new file"])
def test_a_path_too_long_to_be_resolved_leads_nowhere(archive, last):
    """CVE-2025-4517: the filter of tarfile lets it pass, in Python before 3.11.13."""
    path = ""
    for step in STEPS:
        archive.add(f"{path}{LONG}", tarfile.DIRTYPE)
        archive.add(f"{path}{step}", tarfile.SYMTYPE, LONG)
        path += f"{LONG}/"
    long_link = f"{'/'.join(STEPS)}/{'l' * 254}"
    archive.add(long_link, tarfile.SYMTYPE, "../" * len(STEPS))
    archive.add("escape", tarfile.SYMTYPE, f"{long_link}/../../outside")
    if last == "hard link":
        archive.add("flag", tarfile.LNKTYPE, "escape/file")
        archive.add("flag", content=b"overwritten")
    else:
        archive.add("escape/new", content=b"written")
    with pytest.raises(BadArtifact):
        archive.unpack()
    archive.assert_nothing_outside_changed()


LEAVING = {
    "up through a link to the folder itself": [
        ("here", tarfile.SYMTYPE, "."), ("l", tarfile.SYMTYPE, "here/../../outside/file"),
    ],
    "up in the middle": [("a", tarfile.DIRTYPE, ""), ("l", tarfile.SYMTYPE, "a/../../outside/file")],
    "one too many": [("a", tarfile.DIRTYPE, ""), ("a/l", tarfile.SYMTYPE, "../../outside/file")],
    "a file through a link": [("a", tarfile.DIRTYPE, ""), ("l", tarfile.SYMTYPE, "a"), ("l/file", tarfile.REGTYPE, "")],
    "a file in the place of a link": [("l", tarfile.SYMTYPE, "later"), ("l", tarfile.REGTYPE, "")],
    "a hard link to a link": [("l", tarfile.SYMTYPE, "later"), ("h", tarfile.LNKTYPE, "l")],
    "a hard link through a link": [
        ("a", tarfile.DIRTYPE, ""), ("a/f", tarfile.REGTYPE, ""), ("l", tarfile.SYMTYPE, "a"),
        ("h", tarfile.LNKTYPE, "l/f"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("members", LEAVING.values(), ids=LEAVING)
def test_links_that_could_lead_out_are_refused(archive, members):
    for member in members:
        archive.add(*member)
    with pytest.raises(BadArtifact, match="link"):
        archive.unpack()
    archive.assert_nothing_outside_changed()


def test_links_as_programs_make_them_are_unpacked(archive):
    """Such as those of a cache of models, whose files have their names by links, and of a library's versions."""
    archive.add("./", tarfile.DIRTYPE)
    archive.add("./blobs/1234", content=b"weights")
    archive.add("./snapshots/main/weights", tarfile.SYMTYPE, "../../blobs/1234")
    archive.add("./current", tarfile.SYMTYPE, "snapshots/main")
    archive.add("./same", tarfile.LNKTYPE, "./blobs/1234")
    archive.unpack()
    assert (archive.target / "current/weights").read_text() == (archive.target / "same").read_text() == "weights"


@pytest.fixture(params=["with the filter", "without the filter"])
def either_python(request, monkeypatch):
    """Python 3.11.4 and newer have the filter of tarfile, the 3.11.2 of Debian 12 has none of its names."""
    if request.param == "without the filter":
        for name in ("data_filter", "FilterError"):
            monkeypatch.delattr(tarfile, name, raising=False)
        monkeypatch.setattr(model_archive, "_FilterError", ())
        monkeypatch.setattr(tarfile.TarFile, "extraction_filter", staticmethod(lambda member, _: member))


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE], ids=["char", "block", "pipe"])
def test_devices_and_pipes_are_refused(archive, either_python, kind):
    archive.add("d", kind)
    with pytest.raises(BadArtifact, match="'d'"):
        archive.unpack()
    assert not (archive.target / "d").exists()


def test_what_is_unpacked_is_ours_and_nobody_else_may_write_it(archive, either_python):
    archive.add("code", tarfile.DIRTYPE)
    archive.add("code/run", content=b"#!/bin/sh")
    archive.add("model", content=b"weights")
    for (member, _), mode in zip(archive.members, (0o7777, 0o6775, 0o6066), strict=True):
        member.mode, member.uid, member.gid, member.uname = mode, 12345, 12345, "nobody"
    archive.unpack()
    states = [(archive.target / name).stat() for name in ("code", "code/run", "model")]
    assert {(state.st_uid, state.st_gid) for state in states} == {(os.geteuid(), os.getegid())}
    assert [state.st_mode & 0o7122 for state in states] == [0o100, 0o100, 0]
