"""Reads the files of a channel: CSV, JSON Lines or Parquet, by pandas, or by polars where pandas is not installed."""

from __future__ import annotations

import csv
import gzip
import io
import re
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
            frames.append(_read(file, library, options))
        except UnicodeDecodeError as e:
            raise ValueError(f"{file.name} cannot be read as a table: it is not written in UTF-8. Save it so.") from e
        except (ValueError, OSError) as e:
            raise ValueError(f"{file.name} cannot be read as a table: {e}") from e
    frame = frames[0] if len(frames) == 1 else _concatenate(frames, library)
    if not len(frame):
        raise ValueError(f"{path.name} has no rows below the names of its columns.")
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


def _read(file: Path, library: str, options: Mapping[str, Any]) -> Any:
    name = file.name.lower()
    module = __import__(library)
    if name.endswith(PARQUET):
        return module.read_parquet(file)
    if name.removesuffix(".gz").endswith(JSON_LINES):
        return _read_json(file, module, library)
    with file.open("rb") as start:
        delimiter, first = _first_line(start, name.endswith(".gz"))
    has_header = _is_header(first, options.get("header"), options.get("target") or "")
    if library == "pandas":
        frame = module.read_csv(file, sep=delimiter, header=0 if has_header else None, skipinitialspace=True)
    else:
        frame = module.read_csv(file, separator=delimiter, has_header=has_header, infer_schema_length=None)
    frame.columns = [str(n).strip() for n in frame.columns] if has_header else _numbered(len(frame.columns))
    return frame


def _read_json(file: Path, module: Any, library: str) -> Any:
    """JSON Lines, or one list of objects; cells stay what they are: "007" a text, 1700000000 a number."""
    with gzip.open(file) if file.name.lower().endswith(".gz") else file.open("rb") as start:
        is_list = start.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    if library == "pandas":
        older = {"convert_dates": False} if int(module.__version__.partition(".")[0]) < 3 else {}
        return module.read_json(file, lines=not is_list, dtype=False, **older)
    return module.read_json(file) if is_list else module.read_ndjson(file)


def is_csv(name: str) -> bool:
    """True for the name of a file that is read as CSV."""
    name = name.lower()
    hidden = any(part.startswith((".", "_")) for part in name.split("/"))
    return not hidden and not name.endswith((*PARQUET, "/")) and not name.removesuffix(".gz").endswith(JSON_LINES)


def column_names(start: bytes, options: Mapping[str, Any], compressed: bool = False) -> list:
    """The names of the columns of the CSV that begins with `start`, as `read_channel` names them by `options`."""
    _delimiter, first = _first_line(io.BytesIO(start), compressed)
    has_header = _is_header(first, options.get("header"), options.get("target") or "")
    return first if has_header else _numbered(len(first))


def _numbered(count: int) -> list:
    return [f"#{number}" for number in range(1, count + 1)]


def _first_line(start: Any, compressed: bool) -> tuple:
    """(delimiter, cells) of the first line of the stream `start` that is not empty."""
    raw = gzip.GzipFile(fileobj=start) if compressed else start
    with io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace") as lines:
        line = next((line.rstrip("\r\n") for line in lines if line.strip()), "")
    if not line:
        raise ValueError("it is empty")
    if "\0" in line:
        raise ValueError("it is no text. Give CSV, JSON Lines or Parquet, with the ending .csv, .jsonl or .parquet")
    bare = re.sub(r'"[^"]*"', "", line)  # a delimiter between quotes delimits nothing
    delimiter = max(DELIMITERS, key=bare.count)
    (cells,) = csv.reader([line], delimiter=delimiter, skipinitialspace=True)
    return delimiter, [cell.strip() for cell in cells]


def _is_header(cells: list, header: bool | None, target: str) -> bool:
    """As it was said; else a first line with the target's name, or without any number, is one."""
    if header is not None:
        return header
    return target in cells or not any(map(_is_number, cells))


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
