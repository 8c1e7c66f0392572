"""Cuts the input files of a batch transform job into requests: `python -m engine.records.split MEMBER_FOLDER`.

For file number N it writes requests/N.plan: a line with the path of the file that has the requests, a line with that of
the records as they came, both as JSON, and a line "offset size records" for each request. A file that cannot be cut
gets requests/N.error instead, with the reason. It runs in a sandbox, for it reads people's bytes.
"""

import gzip
import json
import shutil
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from engine.records import formats
from engine.records.filters import Filter, NoMatch
from engine.records.formats import UnreadableRecord
from engine.records.settings import MAX_PAYLOAD, MIB, DataSettings

FOLDER = "requests"
TOO_LARGE = "Too much data for max payload size"


class UnusableFile(ValueError):
    """A file that cannot be cut into requests."""


def main() -> int:
    """Cut every file of the member's folder."""
    root = Path(sys.argv[1])
    settings = DataSettings.read(root)
    (root / FOLDER).mkdir()
    for number in range(len(settings.files)):
        try:
            _cut(root, number, settings)
        except (UnusableFile, UnreadableRecord, NoMatch) as e:
            (root / FOLDER / f"{number}.error").write_text(str(e))
    return 0


def _cut(root: Path, number: int, settings: DataSettings) -> None:
    source = root / settings.files[number].path
    if settings.is_gzipped:
        source = _unpacked(source, root / FOLDER / f"{number}.source")
    data = source
    if not Filter(settings.input_filter).is_everything:
        data = _filtered(source, root / FOLDER / f"{number}.data", settings)
    plan = root / FOLDER / f"{number}.plan"
    with data.open("rb") as content, plan.open("w") as out:
        out.writelines(json.dumps(str(file.relative_to(root))) + "\n" for file in (data, source))
        for offset, size, records in _requests(content, settings):
            if settings.payload and size > settings.payload:
                raise UnusableFile(TOO_LARGE)
            out.write(f"{offset} {size} {records}\n")


def _unpacked(source: Path, target: Path) -> Path:
    try:
        with gzip.open(source) as packed, target.open("wb") as out:
            shutil.copyfileobj(packed, out, MIB)
    except (OSError, EOFError, zlib.error) as e:
        raise UnusableFile(f"The object cannot be decompressed, and CompressionType is Gzip: {e}") from None
    return target


def _filtered(source: Path, target: Path, settings: DataSettings) -> Path:
    chosen, kind = Filter(settings.input_filter), formats.kind_of(settings.content_type)
    with source.open("rb") as content, target.open("wb") as out:
        for record in records_of(content, settings):
            out.write(formats.dump(chosen.apply(formats.parse(record, kind)), kind) + b"\n")
    return target


def records_of(content: BinaryIO, settings: DataSettings) -> Iterator[bytes]:
    """The records of a file: its lines that are not blank, or all of it if there is anything."""
    if settings.is_split or formats.has_lines(settings.content_type):
        return (line for line in content if line.strip())
    return (record for record in (content.read(),) if record)


def _requests(content: BinaryIO, settings: DataSettings) -> Iterator[tuple[int, int, int]]:
    """Offset and size in bytes, and the number of records, of each request."""
    if not settings.is_split:
        size = content.seek(0, 2)
        if size:
            yield 0, size, 1
        return
    limit = settings.payload if settings.is_multi_record else 1
    limit = limit or MAX_PAYLOAD * MIB
    begin = end = records = offset = 0
    for line in content:
        at, offset = offset, offset + len(line)
        is_blank = not line.strip()
        if records and (is_blank or offset - begin > limit):
            yield begin, end - begin, records
            records = 0
        if is_blank:
            continue
        if not records:
            begin = at
        records += 1
        end = offset if settings.is_multi_record else at + len(line.rstrip(b"\r\n"))
    if records:
        yield begin, end - begin, records


if __name__ == "__main__":
    sys.exit(main())
