"""Finds indices of LibSVM that are too high in a whole file, before a library reads it. A predictor never needs it."""

from __future__ import annotations

from typing import BinaryIO

import re2

from algorithms.formats.sparse_width import MAX_COLUMNS

_CHUNK = 1024 * 1024


def find_wide_index(stream: BinaryIO) -> tuple[int, int] | None:
    """Return (line from 1, index) of the first index of LibSVM that is too high, None if there is none.

    The library itself takes an index of 2**32 for 0, so this looks at what is written.
    """
    pattern = re2.compile(rb"[ \t]0*([1-9]\d{7,}):")  # eight digits and more; quick where there are none
    lines, rest = 0, b""
    while chunk := stream.read(_CHUNK):
        text = rest + chunk
        for match in pattern.finditer(text):
            index, start = int(match[1][:20]), match.start()
            if index >= MAX_COLUMNS and b"#" not in text[text.rfind(b"\n", 0, start) + 1 : start]:
                return lines + text.count(b"\n", 0, start) + 1, index
        cut = max(text.rfind(b" "), text.rfind(b"\t"), text.rfind(b"\n"))  # a number may go on in the next chunk
        rest = text[cut:] if cut > 0 else text[-64:]
        lines += text.count(b"\n") - rest.count(b"\n")
    return None
