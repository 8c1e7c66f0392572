"""How many columns a sparse row may have: an index of ten digits would take gigabytes for a line of 21 bytes."""

from __future__ import annotations

from typing import BinaryIO

MAX_COLUMNS = 2**24  # boosting takes about 350 bytes for each, so 6 GB; float32 counts no further without gaps
_CHUNK = 1024 * 1024


def index_problem(where: str, index: int) -> str:
    """Return what is wrong with `index` in `where`, the rule, and the fix."""
    return (
        f"{where} has the feature index {index:,}, and the highest that is read is {MAX_COLUMNS - 1:,}: a row has as "
        "many columns as the highest index says. Number the features from 0 or 1 without gaps, or hash them into fewer."
    )


def find_wide_index(stream: BinaryIO) -> tuple[int, int] | None:
    """Return (line from 1, index) of the first index of LibSVM that is too high, None if there is none.

    The library itself takes an index of 2**32 for 0, so this looks at what is written.
    """
    import re2

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
