"""Which archives need no process of their own to be unpacked, and that those take hardly anything."""

import gzip
import io
import random
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from common.model_archive import BadArtifact, unpack
from common.plain_archive import MAX_BYTES, MAX_MEMBERS, is_plain
from engine.serving import archive as apart


def packed(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT, more: bytes = b"") -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=form) as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(raw.getvalue()) + more


def entry(name: str, kind: bytes = tarfile.REGTYPE, **fields) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    for field, value in fields.items():
        setattr(member, field, value)
    return member


def written(folder: Path, content: bytes) -> Path:
    file = folder / "model.tar.gz"
    file.write_bytes(content)
    return file


PLAIN = packed(
    (entry("code", tarfile.DIRTYPE), b""), (entry("code/a"), b"x" * 700), (entry("xgboost-model"), b"m" * 512)
)
NOT_PLAIN = {
    "a link": packed((entry("a", tarfile.SYMTYPE, linkname="b"), b"")),
    "a hard link": packed((entry("b"), b"1"), (entry("a", tarfile.LNKTYPE, linkname="b"), b"")),
    "a pipe": packed((entry("a", tarfile.FIFOTYPE), b"")),
    "attributes": packed((entry("a", pax_headers={"comment": "1"}), b"1")),
    "a long name": packed((entry("a" * 300), b"1"), form=tarfile.GNU_FORMAT),
    "many members": packed(*((entry(f"{n}"), b"") for n in range(MAX_MEMBERS + 1))),
    "another stream behind it": packed((entry("a"), b"1"), more=gzip.compress(b"1")),
    "bytes behind it": packed((entry("a"), b"1"), more=b"1"),
    "a part": PLAIN[:-20],
    "no end": gzip.compress(gzip.decompress(PLAIN)[:1024]),
    "something behind the end": gzip.compress(gzip.decompress(PLAIN) + b"1"),
    "no tar file": gzip.compress(b"1" * 2000),
    "no gzip": b"1" * 2000,
    "nothing": b"",
}


def test_a_small_archive_of_files_and_folders_is_plain(tmp_path):
    assert is_plain(written(tmp_path, PLAIN))
    assert is_plain(written(tmp_path, packed(*((entry(f"{n}"), b"1") for n in range(MAX_MEMBERS)))))


@pytest.mark.parametrize("content", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_has_more_than_files_and_folders_is_not_plain(tmp_path, content):
    assert not is_plain(written(tmp_path, content))


def test_an_archive_that_swells_is_not_plain_and_is_not_unpacked_to_find_out(tmp_path):
    large = io.BytesIO()
    with gzip.open(large, "wb", 9) as stream:
        for _ in range(300):
            stream.write(bytes(2**20))
    file = written(tmp_path, large.getvalue())
    assert file.stat().st_size < 2**20
    tracemalloc.start()
    assert not is_plain(file)
    assert tracemalloc.get_traced_memory()[1] < 3 * MAX_BYTES
    tracemalloc.stop()


def test_tarfile_sees_the_same_plain_members_however_the_bytes_are_changed(tmp_path):
    random.seed(7)
    content, plain = gzip.decompress(PLAIN), 0
    for _ in range(400):
        changed = bytearray(content)
        for _ in range(random.randint(1, 3)):
            changed[random.randrange(2560)] = random.choice((0, 0x20, 0x30, 0x31, 0x37, 0x78, 0x80, 0xFF))
        file = written(tmp_path, gzip.compress(changed, 1))
        if not is_plain(file):
            continue
        plain += 1
        try:
            with tarfile.open(file) as tar:
                members = tar.getmembers()
        except tarfile.TarError:
            continue
        assert len(members) <= MAX_MEMBERS
        assert all((member.isreg() or member.isdir()) and not member.pax_headers for member in members)
    assert plain > 30


def test_a_plain_archive_is_unpacked_without_a_process(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a process was started")

    monkeypatch.setattr(apart, "start", refuse)
    (tmp_path / "into").mkdir()
    apart.unpack_apart(written(tmp_path, PLAIN), tmp_path / "into")
    assert (tmp_path / "into/xgboost-model").read_bytes() == b"m" * 512
    with pytest.raises(AssertionError, match="a process was started"):
        apart.unpack_apart(written(tmp_path, NOT_PLAIN["attributes"]), tmp_path / "into")


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x"])
def test_a_plain_archive_cannot_write_outside_of_its_folder(tmp_path, name):
    file = written(tmp_path, packed((entry(name), b"1")))
    (tmp_path / "into").mkdir()
    assert is_plain(file)
    with pytest.raises(BadArtifact):
        apart.unpack_apart(file, tmp_path / "into")
    with pytest.raises(BadArtifact):
        unpack(file, tmp_path / "into")
