"""Reads the files of a channel: CSV, JSON Lines or Parquet, by pandas, or by polars where pandas is not installed."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sagewright.runtime.table import table_of

PARQUET, JSON_LINES = (".parquet", ".pq"), (".jsonl", ".ndjson", ".json")
DELIMITERS = (",", ";", "\t", "|")


def read_channel(path: Path, kind: str = "table", options: Mapping[str, Any] | None = None) -> Any:
    """The table of the file or folder `path` as `kind`: table, pandas, polars or numpy.

    `options` may have target (a column's name) and header (True, False; None looks whether the first line is one).
    Raises ValueError that names the file.
    """
    options = options or {}
    path = Path(path)
    files = sorted(file for file in path.rglob("*") if _is_data(file, path)) if path.is_dir() else [path]
    if not files:
        raise ValueError(f"The channel {path.name} has no files.")
    library = kind if kind in ("pandas", "polars") else "pandas" if find_spec("pandas") else "polars"
    frames = []
    for file in files:
        try:
            frames.append(_read(file, library, options.get("header")))
        except (ValueError, OSError) as e:
            raise ValueError(f"{file.name} cannot be read as a table: {e}") from e
    frame = frames[0] if len(frames) == 1 else _concatenate(frames, library)
    target = options.get("target") or ""
    if target and target not in list(frame.columns):
        names = ", ".join(map(str, frame.columns))
        raise ValueError(f"{path.name} has no column {target!r} to be the target. Its columns are: {names}.")
    if kind == library:
        return frame
    table = table_of(frame, target=target)
    return table.to_numpy() if kind == "numpy" else table


def columns_of(data: Any, options: Mapping[str, Any] | None = None) -> list:
    """The names of the features of what `read_channel` returned; [] for an array, which has none."""
    names = [str(name) for name in getattr(data, "columns", ())]
    return [name for name in names if name != (options or {}).get("target")]


def _is_data(file: Path, root: Path) -> bool:
    return file.is_file() and not any(part.startswith((".", "_")) for part in file.relative_to(root).parts)


def _read(file: Path, library: str, header: bool | None) -> Any:
    name = file.name.lower()
    module = __import__(library)
    if name.endswith(PARQUET):
        return module.read_parquet(file)
    if name.removesuffix(".gz").endswith(JSON_LINES):
        return module.read_json(file, lines=True) if library == "pandas" else module.read_ndjson(file)
    with file.open("rb") as start:
        delimiter, first = _first_line(start, name.endswith(".gz"))
    has_header = _is_header(first) if header is None else header
    if library == "pandas":
        frame = module.read_csv(file, sep=delimiter, header=0 if has_header else None, skipinitialspace=True)
    else:
        frame = module.read_csv(file, separator=delimiter, has_header=has_header, infer_schema_length=None)
    frame.columns = [str(n).strip() for n in frame.columns] if has_header else _numbered(len(frame.columns))
    return frame


def is_csv(name: str) -> bool:
    """True for the name of a file that is read as CSV."""
    name = name.lower()
    hidden = any(part.startswith((".", "_")) for part in name.split("/"))
    return not hidden and not name.endswith((*PARQUET, "/")) and not name.removesuffix(".gz").endswith(JSON_LINES)


def column_names(start: bytes, header: bool | None = None, compressed: bool = False) -> list:
    """The names of the columns of the CSV that begins with `start`, as `read_channel` names them."""
    _delimiter, first = _first_line(io.BytesIO(start), compressed)
    return first if (_is_header(first) if header is None else header) else _numbered(len(first))


def _numbered(count: int) -> list:
    return [f"#{number}" for number in range(1, count + 1)]


def _first_line(start: Any, compressed: bool) -> tuple:
    """(delimiter, cells) of the first line of the stream `start` that is not empty."""
    raw = gzip.GzipFile(fileobj=start) if compressed else start
    with io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace") as lines:
        line = next((line.rstrip("\r\n") for line in lines if line.strip()), "")
    if not line:
        raise ValueError("it is empty")
    delimiter = max(DELIMITERS, key=line.count)
    return delimiter, [cell.strip().strip('"') for cell in line.split(delimiter)]


def _is_header(cells: list) -> bool:
    return not any(map(_is_number, cells))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _concatenate(frames: list, library: str) -> Any:
    if len({tuple(frame.columns) for frame in frames}) > 1:
        raise ValueError("The files of the channel have different columns.")
    if library == "pandas":
        import pandas

        return pandas.concat(frames, ignore_index=True)
    import polars

    return polars.concat(frames, how="vertical_relaxed")
