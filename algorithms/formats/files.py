"""Which files of a channel hold data, and their bytes, unpacked if they were packed."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import BinaryIO, cast

from algorithms.contract import Channel

MAX_DEPTH = 3  # the channel's folder and two levels below it, as in AWS's XGBoost container
GZIP = b"\x1f\x8b"


def data_files(channel: Channel) -> list[Path]:
    """The channel's data files with something in them, in the order of their paths.

    Names starting with `.` or `_` are not data (`_SUCCESS`, `.crc`), nor is anything deeper than MAX_DEPTH folders.
    """
    if channel.input_mode == "Pipe":
        pipe = channel.path.with_name(channel.path.name + "_0")
        if pipe.exists():
            return [pipe]  # a named pipe: its size cannot be asked, and it can be read once only
    if channel.path.is_file():
        return [channel.path] if channel.path.stat().st_size else []
    return sorted(_walk(channel.path, 1)) if channel.path.is_dir() else []


def has_deeper_files(path: Path) -> bool:
    """Are there folders below MAX_DEPTH, whose files are left out?"""
    return any(deep.is_dir() for deep in path.glob("/".join("*" * MAX_DEPTH)))


def open_data(path: Path, compression: str | None) -> BinaryIO:
    """The file's bytes as a stream; gzip is unpacked if the channel says `Gzip` and the file really is packed."""
    if compression == "Gzip" and (not path.is_file() or is_gzip(path)):  # of a named pipe only the channel can tell
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == GZIP


def first_line(path: Path, compression: str | None) -> str:
    """The first line of the file, without its line break; bytes that are not UTF-8 are dropped, as in the container."""
    with open_data(path, compression) as stream:
        return stream.readline(1_000_000).decode("utf-8", "ignore").rstrip("\r\n").lstrip("\ufeff")


def _walk(folder: Path, depth: int) -> list[Path]:
    found: list[Path] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            if depth < MAX_DEPTH:
                found += _walk(entry, depth + 1)
        elif not entry.name.startswith((".", "_")) and entry.stat().st_size:
            found.append(entry)
    return found
