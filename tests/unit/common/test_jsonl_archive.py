"""Files of an archive are read back before anybody relies on them."""

import io

import pytest

from common.jsonl_archive import ArchiveFile, DamagedArchive, read, verify, write

ROWS = [{"timestamp": number, "message": f"linje {number} \u2028 한국어 {'x' * number}"} for number in range(200)]


def _written() -> tuple[ArchiveFile, bytes]:
    file = io.BytesIO()
    return write(ROWS, file), file.getvalue()


def test_the_rows_come_back_and_the_same_rows_give_the_same_bytes():
    written, data = _written()
    assert [*read(io.BytesIO(data))] == ROWS and written.rows == 200 and written.size == len(data)
    assert _written() == (written, data)
    verify(written, io.BytesIO(data))
    assert ArchiveFile.from_json(written.as_json()) == written


def test_a_file_of_no_rows_is_whole():
    file = io.BytesIO()
    verify(write([], file), io.BytesIO(file.getvalue()))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data + b"\0",
        lambda data: data[:60] + bytes([data[60] ^ 1]) + data[61:],
        lambda data: b"<html>not found</html>",
    ],
    ids=["empty", "one byte short", "half", "longer", "one bit", "another file"],
)
def test_what_is_not_what_was_written_is_refused(damage):
    written, data = _written()
    with pytest.raises(DamagedArchive):
        verify(written, io.BytesIO(damage(data)))


def test_another_whole_file_is_refused():
    written, _ = _written()
    other = io.BytesIO()
    write(ROWS[::-1], other)
    with pytest.raises(DamagedArchive):
        verify(written, io.BytesIO(other.getvalue()))


@pytest.mark.parametrize("entry", [{}, {"rows": "x", "size": 1, "sha256": ""}, {"rows": None, "size": 1, "sha256": ""}])
def test_a_manifest_that_is_none_is_refused(entry):
    with pytest.raises(DamagedArchive):
        ArchiveFile.from_json(entry)
