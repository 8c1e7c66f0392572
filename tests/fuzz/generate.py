"""Random tables of which everything is known, written in every format and dialect."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

FORMATS = ("csv", "tsv", "txt", "jsonl", "parquet", "libsvm")
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp949")
WORDS = {
    "latin-1": ["Größe", "Île", "São", "año", "naïve", "Åse", "crème", "red", "blue", "green"],
    "cp949": ["서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기", "강원"],
    "": ["red", "blue", "green", "amber", "grey", "서울", "東京", "Zürich", "Ελλάδα", "naïve", "日本", "😀 ok"],
}


@dataclass
class Column:
    """One column: its name, its cells as text with None for missing, and as values where the format has types."""

    name: str
    kind: str  # number | boolean | datetime | word
    cells: list[str | None]
    values: list[Any] = field(default_factory=list)


@dataclass
class Generated:
    """A table as a file. `columns` are true of it, the target last; `header` is False where names are positions."""

    body: bytes
    key: str
    columns: list[Column]
    target: str
    header: bool = True
    delimiter: str = ","

    @property
    def rows(self) -> int:
        return len(self.columns[0].cells)


def generate(random: Random) -> Generated:
    """A clean table: every cell is of its column's kind, or missing as the format writes it."""
    form = random.choice(FORMATS)
    rows = random.choice((25, 40, 60, 120, 300))
    if form == "libsvm":
        return _libsvm(random, rows)
    encoding = random.choice(ENCODINGS) if form not in ("parquet",) else ""
    words = WORDS[encoding if encoding in WORDS else ""]
    makers = [random.choice(_MAKERS) for _ in range(random.randint(1, 6))]
    names = _names(random, len(makers) + 1, words)
    columns = [make(random, name, rows, words) for make, name in zip(makers, names, strict=False)]
    columns.append(_target(random, names[-1], rows, words))
    if form == "parquet":
        return Generated(_parquet(random, columns), "t.parquet", columns, names[-1])
    if form == "jsonl":
        return Generated(
            _packed(random, _jsonl(random, columns).encode(_text(encoding))), "t.jsonl", columns, names[-1]
        )
    delimiter = {"csv": ",", "tsv": "\t", "txt": random.choice(";|,")}[form]
    text = _delimited(random, columns, delimiter)
    body = _packed(random, text.encode(_text(encoding)))
    return Generated(body, f"t.{form}", columns, names[-1], True, delimiter)


def _text(encoding: str) -> str:
    return "utf-16" if encoding == "utf-16-le" else encoding


def _names(random: Random, count: int, words: list[str]) -> list[str]:
    letters = string.ascii_lowercase
    names: list[str] = []
    while len(names) < count:
        name = random.choice(letters) + "".join(random.choice(letters + "_ ") for _ in range(random.randint(1, 8)))
        name = random.choice(
            (name.strip(), name.strip().title(), f"{random.choice(words)} {name.strip()}", name.strip() + " (km)")
        )
        if name not in names and name.strip().lower() not in (
            "na",
            "nan",
            "null",
            "none",
            "nat",
            "id",
            "no",
            "row",
            "key",
        ):
            names.append(name)
    return names


def _with_gaps(random: Random, cells: list) -> list:
    share = random.choice((0, 0, 0, 0.02, 0.3))
    return [None if random.random() < share else cell for cell in cells]


def _whole(random: Random, name: str, rows: int, words: list[str]) -> Column:
    top = random.choice((1, 5, 100, 10**6, 10**12))
    values = _with_gaps(random, [random.randint(-top if random.random() < 0.5 else 0, top) for _ in range(rows)])
    return Column(name, "number", [None if v is None else str(v) for v in values], values)


def _float(random: Random, name: str, rows: int, words: list[str]) -> Column:
    scale = random.choice((1e-3, 1.0, 1e3, 1e9, 1e150))
    digits = random.choice((2, 6, 17))
    values = [float(f"{random.gauss(0, 1) * scale:.{digits}g}") for _ in range(rows)]
    values = _with_gaps(random, values)
    return Column(name, "number", [None if v is None else repr(v) for v in values], values)


def _boolean(random: Random, name: str, rows: int, words: list[str]) -> Column:
    yes, no = random.choice((("true", "false"), ("yes", "no"), ("Y", "N"), ("T", "F"), ("True", "False")))
    values = _with_gaps(random, [random.random() < 0.4 for _ in range(rows)])
    return Column(name, "boolean", [None if v is None else (yes if v else no) for v in values], values)


def _date(random: Random, name: str, rows: int, words: list[str]) -> Column:
    start = date(random.choice((1970, 1999, 2024)), 1, 1)
    values = [start + timedelta(days=random.randint(0, 900)) for _ in range(rows)]
    return Column(name, "datetime", [v.isoformat() for v in values], list(values))


def _moment(random: Random, name: str, rows: int, words: list[str]) -> Column:
    start = datetime(2024, 1, 1)
    values = [start + timedelta(seconds=random.randint(0, 9 * 10**7)) for _ in range(rows)]
    return Column(name, "datetime", [v.isoformat(" ") for v in values], list(values))


def _word(random: Random, name: str, rows: int, words: list[str]) -> Column:
    few = random.sample(words, random.randint(2, len(words)))
    extra = random.choice(("", ", inc", ' "x"', "; z", "'s", " | q", "\\n"))
    values = _with_gaps(random, [random.choice(few) + extra for _ in range(rows)])
    return Column(name, "word", list(values), list(values))


def _text_column(random: Random, name: str, rows: int, words: list[str]) -> Column:
    values = [" ".join(random.choice(words) for _ in range(random.randint(2, 6))) + f" {i}" for i in range(rows)]
    return Column(name, "word", list(values), list(values))


_MAKERS: list[Callable[[Random, str, int, list[str]], Column]] = [
    _whole, _float, _float, _boolean, _date, _moment, _word, _word, _text_column,
]  # fmt: skip


def _target(random: Random, name: str, rows: int, words: list[str]) -> Column:
    kind = random.choice(("binary", "classes", "words", "number"))
    if kind == "number":
        return Column(name, "number", *_both([round(random.gauss(5, 2), 3) for _ in range(rows)]))
    if kind == "words":
        labels = random.sample(words, 3)
        return Column(name, "word", *([labels[i % 3] for i in range(rows)] for _ in range(2)))
    count = 2 if kind == "binary" else 4
    return Column(
        name, "number", *_both([random.randrange(count) if i >= count * 3 else i % count for i in range(rows)])
    )


def _both(values: list) -> tuple[list[str | None], list]:
    return [str(value) for value in values], values


def _delimited(random: Random, columns: list[Column], delimiter: str) -> str:
    quoting = random.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC))
    end = random.choice(("\n", "\n", "\r\n", "\r"))
    missing = random.choice(("", "", "NA", "null", "NaN"))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow([column.name for column in columns])
    for row in zip(*(column.cells for column in columns), strict=True):
        writer.writerow([missing if cell is None else cell for cell in row])
    text = out.getvalue()
    return text if random.random() < 0.7 else text.removesuffix(end)


def _jsonl(random: Random, columns: list[Column]) -> str:
    ascii_only, leave_out = random.random() < 0.5, random.random() < 0.3
    lines = []
    for row in zip(*(column.values for column in columns), strict=True):
        values = {c.name: str(v) if isinstance(v, date) else v for c, v in zip(columns, row, strict=True)}
        if leave_out and lines:
            values = {name: value for name, value in values.items() if value is not None}
        elif random.random() < 0.3:
            floats = {c.name for c in columns if any(isinstance(value, float) for value in c.values)}
            values = {n: float("nan") if v is None and n in floats else v for n, v in values.items()}
        lines.append(json.dumps(values, ensure_ascii=ascii_only))
    return "\n".join(lines) + random.choice(("", "\n"))


_ARROW: dict[str, list[pa.DataType]] = {
    "int": [pa.int64(), pa.int64(), pa.float64(), pa.decimal128(30, 0), pa.decimal256(60, 0)],
    "float": [pa.float64()],
    "bool": [pa.bool_()],
    "str": [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string()), pa.binary()],
    "date": [pa.date32(), pa.date64()],
    "datetime": [*(pa.timestamp(unit) for unit in ("s", "ms", "us", "ns")), pa.timestamp("us", "UTC")],
}  # fmt: skip


def _parquet(random: Random, columns: list[Column]) -> bytes:
    arrays = []
    for column in columns:
        first = next((value for value in column.values if value is not None), "")
        kind = random.choice(_ARROW[type(first).__name__])
        values = [Decimal(v) if v is not None and pa.types.is_decimal(kind) else v for v in column.values]
        if pa.types.is_binary(kind):
            values = [v if v is None else v.encode() for v in values]
        arrays.append(pa.array(values).dictionary_encode() if pa.types.is_dictionary(kind) else pa.array(values, kind))
    out = io.BytesIO()
    table = pa.table(arrays, names=[column.name for column in columns])
    pq.write_table(
        table, out, row_group_size=random.choice((10, 1000)), compression=random.choice(("snappy", "zstd", "none"))
    )
    return out.getvalue()


def _libsvm(random: Random, rows: int) -> Generated:
    width, lines, labels = random.randint(2, 12), [], []
    for i in range(rows):
        labels.append(str(random.randint(0, 1) if i > 1 else i))
        pairs = [f"{j}:{random.gauss(0, 1):.4g}" for j in range(1, width + 1) if random.random() < 0.7 or i == 0]
        lines.append(" ".join([labels[-1], *pairs]) if pairs else labels[-1])
    body = _packed(random, "\n".join(lines).encode() + b"\n")
    return Generated(body, "t.libsvm", [Column("#1", "number", list(labels), list(labels))], "#1", False)


def _packed(random: Random, body: bytes) -> bytes:
    how = random.choice(("", "", "", "gzip", "bz2", "zstd"))
    if how == "gzip":
        return gzip.compress(body, mtime=0)
    if how == "bz2":
        return bz2.compress(body)
    return pa.Codec("zstd").compress(body, asbytes=True) if how == "zstd" else body
