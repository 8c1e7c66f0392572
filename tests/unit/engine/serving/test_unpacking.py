"""Archives are unpacked in the sandbox: what they may leave, and what the process sees."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from common.model_archive import BadArtifact
from engine.serving import archive
from sandbox.level import available
from sandbox.spec import Level


def pack(path: Path, *names: str) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = 5, 0o4755
            tar.addfile(entry, io.BytesIO(b"12345"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, names[0]
        tar.addfile(link)
    return path


def test_files_are_unpacked_and_belong_to_this_process(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    archive.unpack_apart(pack(tmp_path / "a.tar.gz", "packages/a", "engine/b"), folder)
    assert (folder / "link").read_bytes() == (folder / "engine/b").read_bytes() == b"12345"
    for path in (folder, *folder.rglob("*")):
        status = path.lstat()
        assert status.st_uid == os.geteuid() and not (status.st_mode & 0o7000), path
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "model"]


def test_what_is_no_archive_is_named_and_leaves_nothing(tmp_path):
    folder, packed = tmp_path / "model", tmp_path / "a.tar.gz"
    folder.mkdir()
    packed.write_bytes(b"no archive")
    with pytest.raises(BadArtifact, match="not a complete tar"):
        archive.unpack_apart(packed, folder)
    assert not list(folder.iterdir()) and len(list(tmp_path.iterdir())) == 2


PEEK = """
import json, os, sys
from pathlib import Path
with Path(sys.argv[1], "seen").open("w") as seen:
    seen.write(str(os.path.exists(FILE)))
print("{}")
"""


def test_the_process_sees_nothing_else_of_this_machine(tmp_path, monkeypatch):
    if available() is not Level.WALLED:
        pytest.skip("this machine has no namespaces")
    folder = tmp_path / "model"
    folder.mkdir()
    other = tmp_path / "other"
    other.write_text("of somebody else")
    own_program = archive.own_program

    def peek(*arguments):
        spec = own_program(*arguments)
        python, _, _, inside = spec.command
        return archive.Spec(**{**vars(spec), "command": (python, "-c", f"FILE = {str(other)!r}{PEEK}", inside)})

    monkeypatch.setattr(archive, "own_program", peek)
    archive.unpack_apart(pack(tmp_path / "a.tar.gz", "a"), folder)
    assert (folder / "seen").read_text() == "False"


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "a/../../outside", ".."])
def test_links_that_a_harmful_process_leaves_are_refused(tmp_path, target):
    (tmp_path / "model" / "a").mkdir(parents=True)
    (tmp_path / "model" / "link").symlink_to(target)
    with pytest.raises(BadArtifact, match="leads out"):
        archive.take_over(tmp_path / "model")


def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadArtifact, match="something else than files"):
        archive.take_over(tmp_path)
