"""Lists and opens the data files of a channel."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import BinaryIO, cast

from algorithms.contract import Channel, UserError

MAX_DEPTH = 3  # the channel's folder and two levels below it, as in AWS's XGBoost container
GZIP = b"\x1f\x8b"
MAX_LINE = 1_000_000  # bytes


def data_files(channel: Channel) -> list[Path]:
    """Return the channel's non-empty data files, sorted by path.

    Skips names that start with `.` or `_` (`_SUCCESS`, `.crc`) and files deeper than MAX_DEPTH folders.
    """
    if channel.input_mode == "Pipe":
        pipe = channel.path.with_name(channel.path.name + "_0")
        if pipe.exists():
            return [pipe]  # a named pipe has no size and can be read only once
    if channel.path.is_file():
        return [channel.path] if channel.path.stat().st_size else []
    return sorted(_walk(channel.path, 1)) if channel.path.is_dir() else []


def has_deeper_files(path: Path) -> bool:
    """True if there are folders below MAX_DEPTH, whose files are skipped."""
    return any(deep.is_dir() for deep in path.glob("/".join("*" * MAX_DEPTH)))


def open_data(path: Path, compression: str | None) -> BinaryIO:
    """Open the file as a stream of bytes, decompressed if `compression` is `Gzip`.

    Raises UserError for a file that is not packed, which the channel says it is.
    """
    if compression != "Gzip":
        return path.open("rb")
    if path.is_file() and not is_gzip(path):  # a named pipe cannot be inspected
        raise UserError(
            f"File '{path.name}' is not packed with gzip, and its channel has the CompressionType Gzip. "
            "Leave CompressionType out, or set it to None."
        )
    return cast(BinaryIO, gzip.open(path, "rb"))


def is_gzip(path: Path) -> bool:
    """True if the file starts with the magic number of gzip."""
    with path.open("rb") as stream:
        return stream.read(2) == GZIP


def first_line(path: Path, compression: str | None) -> str:
    """Return the first line of the file without its line break. Drops bytes that are not UTF-8, as in the container.

    Raises UserError for one of more than MAX_LINE bytes, by which nobody could tell the number of columns.
    """
    with open_data(path, compression) as stream:
        line = stream.readline(MAX_LINE + 1)
    if len(line) > MAX_LINE:
        raise UserError(
            f"The first line of file '{path.name}' is longer than {MAX_LINE:,} bytes, which no reader here takes. A "
            "file of text has a line for each row; give a table with so many columns as LibSVM or sparse RecordIO."
        )
    return line.decode("utf-8", "ignore").rstrip("\r\n").lstrip("\ufeff")


def _walk(folder: Path, depth: int) -> list[Path]:
    files: list[Path] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            if depth < MAX_DEPTH:
                files += _walk(entry, depth + 1)
        elif not entry.name.startswith((".", "_")) and entry.stat().st_size:
            files.append(entry)
    return files
