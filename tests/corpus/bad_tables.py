"""Malformed tables given to a container as they are: the faulty tables of docs/containers.md, and reported failures."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from tests.corpus import real
from tests.corpus.bad import KINDS, Bad, changed, maker, raw_job
from tests.corpus.real import NAMES, Rows, plain

HERE = "train/part.csv"


def _rows(kind: str) -> Rows:
    return getattr(real, kind)()


def _bad(name: str, kind: str, body: str | bytes, *expect: str, source: str = "faulty tables", **more) -> Bad:
    also = {k: more.pop(k) for k in ("silent", "corruption", "files", "predictable") if k in more}
    body = body.encode() if isinstance(body, str) else body
    files = also.pop("files", {HERE: body})
    return Bad(f"{name} ({kind})", raw_job(kind, **more), files, expect, source=source, **also)


@maker
def silent() -> Iterator[Bad]:
    """The thirteen that train without an error, each on three tables."""
    for kind in KINDS:
        rows, names = _rows(kind), NAMES[kind]
        tidy = plain(rows)

        def one(corruption: str, body: str, *expect: str, _kind: str = kind, **more) -> Bad:
            row = "percent or currency sign" if corruption in ("percent", "currency") else corruption
            return _bad(corruption, _kind, body, *expect, silent=True, corruption=row, **more)

        yield one("header", ",".join(names) + "\n" + tidy, "format.header")
        files = {"train/a.csv": tidy.encode(), "train/b.csv": (",".join(names) + "\n" + tidy).encode()}
        yield one("header in the second file", "", "format.header", files=files)
        words = [[row[0], row[1], ("low", "mid", "high")[i % 3], *row[3:]] for i, row in enumerate(rows)]
        yield one("text column", plain(words), "cells.text")
        yield one(
            "alphanumeric id",
            plain([[*row[:2], f"{i}ab", *row[2:]] for i, row in enumerate(rows)]),
            "cells.alphanumeric",
        )
        yield one("percent", plain([[*row[:2], f"{i % 90}%", *row[2:]] for i, row in enumerate(rows)]), "cells.percent")
        yield one(
            "currency", plain([[*row[:2], f"${i % 90}", *row[2:]] for i, row in enumerate(rows)]), "cells.currency"
        )
        yield one(
            "date",
            plain([[*row[:2], f"2024-05-{i % 28 + 1:02}", *row[2:]] for i, row in enumerate(rows)]),
            "cells.date",
        )
        yield one("thousands", plain(changed(rows, 7, 2, '"1,234"')), "cells.thousands")
        yield one(
            "decimal comma",
            plain([[c.replace(".", ",") for c in row] for row in _halves(rows)], ";"),
            "format.delimiter",
        )
        yield one("empty label", plain(changed(rows, 11, 0, "")), "labels.missing")
        yield one("extra cell", plain([*rows[:9], [*rows[9], "5"], *rows[10:]]), "format.width")
        yield one("lost cell", plain([*rows[:9], rows[9][:-1], *rows[10:]]), "format.width")
        if kind == "regression":
            yield one("index first", plain([[str(i), *row] for i, row in enumerate(rows)]), "labels.first")
            yield one(
                "label last", plain([[*row[1:], row[0]] for row in rows]), "labels.first", target=f"#{len(rows[0])}"
            )


def _parquet(rows: Rows) -> bytes:
    import io

    import polars as pl

    out = io.BytesIO()
    frame = pl.DataFrame([[float(c) for c in row] for row in rows], schema=[*"abcdefg"], orient="row")
    frame.write_parquet(out)
    return out.getvalue()


def _halves(rows: Rows) -> Rows:
    """The label whole, everything else with a decimal, as a spreadsheet with a decimal comma writes it."""
    return [[row[0], *(f"{float(c):.2f}" for c in row[1:])] for row in rows]


@maker
def commas() -> Iterator[Bad]:
    """Only the first line tells the delimiter: without a comma in it, the semicolon is found."""
    for kind in KINDS:
        rows = _halves(_rows(kind))
        body = plain([[cell.replace(".", ",") for cell in row] for row in rows[1:]], ";")
        first = ";".join([rows[0][0], *(str(i) for i in range(1, len(rows[0])))])
        yield _bad("decimal comma, a whole first row", kind, f"{first}\n{body}", "cells.comma", silent=True)


@maker
def old_images() -> Iterator[Bad]:
    """Version 0.72 looks at the letters of the first line and fails, where newer ones train."""
    rows, names = _rows("binary"), NAMES["binary"]
    tidy = plain(rows)
    for tag in ("1", "0.72", "latest"):
        body = ",".join(names) + "\n" + tidy
        yield _bad(f"header, image {tag}", "binary", body, "format.header", source="failure 1", image_tag=tag)
    body = plain([["False", *row[1:]] for row in rows])
    yield _bad("word in the first line, image 1", "binary", body, "labels.objective", source="failure 1", image_tag="1")
    body = plain(changed(rows, 0, 2, "1e-10"))
    yield _bad(
        "exponent in the first line, image 1", "binary", body, "cells.first_line", source="failure 3", image_tag="1"
    )
    for tag in ("0.90-1", "1.0-1", "1.2-2", "1.5-1", "1.7-1"):
        body = ",".join(names) + "\n" + tidy
        yield _bad(f"header, image {tag}", "binary", body, "format.header", silent=True, image_tag=tag)


@maker
def labels() -> Iterator[Bad]:
    """Labels that the objective does not take."""
    for kind in ("binary",):
        rows = _rows(kind)
        last = plain([[*row[1:], row[0]] for row in rows])
        yield _bad("label last", kind, last, "labels.first", "labels.objective", target=f"#{len(rows[0])}")
        yield _bad("label last, not said", kind, last, "labels.objective")
        yield _bad("labels 1 and 2", kind, plain([[str(int(r[0]) + 1), *r[1:]] for r in rows]), "labels.objective")
        yield _bad("labels -1 and 1", kind, plain([[str(int(r[0]) * 2 - 1), *r[1:]] for r in rows]), "labels.objective")
        yield _bad("labels True and False", kind, plain([[str(r[0] == "1"), *r[1:]] for r in rows]), "labels.objective")
        yield _bad("labels all 1", kind, plain([["1", *r[1:]] for r in rows]), "labels.objective")
        yield _bad("labels all 0", kind, plain([["0", *r[1:]] for r in rows]), "labels.objective")
        yield _bad(
            "labels yes and no",
            kind,
            plain([["yes" if r[0] == "1" else "no", *r[1:]] for r in rows]),
            "labels.objective",
        )
        yield _bad(
            "hinge with labels 1 and 2",
            kind,
            plain([[str(int(r[0]) + 1), *r[1:]] for r in rows]),
            "labels.objective",
            hyperparameters={"num_round": "5", "objective": "binary:logitraw"},
        )
    rows = _rows("classes")
    counted = plain([[str(int(r[0]) + 1), *r[1:]] for r in rows])
    yield _bad("labels 1 to 3", "classes", counted, "labels.objective", source="failure 6")
    for objective in ("multi:softmax", "multi:softprob"):
        hyperparameters = {"num_round": "5", "objective": objective, "num_class": "2"}
        yield _bad(
            f"too few classes, {objective}", "classes", plain(rows), "labels.objective", hyperparameters=hyperparameters
        )
    yield _bad(
        "names of classes",
        "classes",
        plain([["abc"[int(r[0])], *r[1:]] for r in rows]),
        "labels.objective",
        silent=True,
    )
    yield _bad(
        "half classes",
        "classes",
        plain([[f"{int(r[0]) / 2:g}", *r[1:]] for r in rows]),
        "labels.objective",
        silent=True,
    )
    rows = _rows("regression")
    less = plain([[f"{float(r[0]) - 200:g}", *r[1:]] for r in rows])
    for objective in ("count:poisson", "reg:tweedie", "reg:gamma", "reg:squaredlogerror", "reg:logistic", "rank:ndcg"):
        hyperparameters = {"num_round": "5", "objective": objective}
        yield _bad(
            f"negative labels, {objective}", "regression", less, "labels.objective", hyperparameters=hyperparameters
        )
    hyperparameters = {"num_round": "5", "objective": "binary:logistic"}
    yield _bad(
        "amounts for binary",
        "regression",
        plain(rows),
        "labels.objective",
        source="failure 5",
        hyperparameters=hyperparameters,
    )
    yield _bad(
        "names for amounts", "regression", plain([["high", *r[1:]] for r in rows]), "labels.objective", silent=True
    )


@maker
def bytes_() -> Iterator[Bad]:
    """Files that cannot be read as what they are said to be."""
    rows = _rows("binary")
    tidy = plain(rows)
    kind = "binary"
    yield _bad("quoted numbers", kind, plain([[f'"{c}"' for c in r] for r in rows]), "cells.quoted")
    yield _bad("infinity", kind, plain(changed(rows, 5, 2, "inf")), "cells.infinite")
    yield _bad("minus infinity", kind, plain(changed(rows, 5, 3, "-Infinity")), "cells.infinite")
    yield _bad("beyond 32 bits", kind, plain(changed(rows, 5, 3, "1e39")), "cells.large", silent=True)
    yield _bad("header that begins with inf", kind, "label,infra,b,c,d,e,f\n" + tidy, "format.header")
    yield _bad("one column", kind, plain([[r[0]] for r in rows]), "format.delimiter")
    yield _bad("gzip, not said", kind, gzip.compress(tidy.encode(), mtime=0), "channels.packed")
    yield _bad("gzip said, not packed", kind, tidy, "channels.packed", compression={"train": "Gzip"})
    yield _bad("UTF-16", kind, tidy.encode("utf-16"), "format.table")
    yield _bad(
        "one row of semicolons",
        kind,
        tidy.replace(",".join(rows[3]), ";".join(rows[3])),
        "format.delimiter",
    )
    yield _bad("Parquet said to be CSV", kind, _parquet(rows), "format.table")
    yield _bad("a spreadsheet", kind, b"PK\x03\x04" + b"\0" * 100, "format.table")
    yield _bad("a PDF", kind, b"%PDF-1.7\n1 0 obj\n", "format.table")
    yield _bad("a web page", kind, b"<!DOCTYPE html><html><body>Access Denied</body></html>\n", "format.table")
    yield _bad("JSON said to be CSV", kind, b'{"a": 1, "b": 2}\n', "format.table")
    yield _bad(
        "a pointer of Git LFS",
        kind,
        b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 1\n",
        "format.table",
    )
    yield _bad(
        "tuples in cells", kind, plain(changed(rows, 4, 2, "(1)")), "cells.text", source="failure 11", silent=True
    )
    yield _bad(
        "CSV said to be Parquet",
        kind,
        tidy,
        "format.table",
        content_types={"train": "application/x-parquet"},
    )
    yield _bad(
        "CSV said to be RecordIO",
        kind,
        tidy,
        "format.table",
        content_types={"train": "application/x-recordio-protobuf"},
    )


def sparse(rows: Rows) -> Rows:
    return [[r[0], *(f"{i}:{c}" for i, c in enumerate(r[1:], 1))] for r in rows]


@maker
def libsvm() -> Iterator[Bad]:
    rows = sparse(_rows("binary"))
    declared = {"content_types": {"train": "text/libsvm"}}
    tidy = plain(rows, " ")
    yield _bad(
        "negative index",
        "binary",
        plain(changed(rows, 0, 1, "-1:5"), " "),
        "format.libsvm",
        source="failure 7",
        **declared,
    )
    yield _bad("no pairs", "binary", plain(changed(rows, 3, 2, "77"), " "), "format.libsvm", **declared)
    yield _bad(
        "index is a name",
        "binary",
        plain(changed(rows, 3, 2, "age:7"), " "),
        "format.libsvm",
        silent=True,
        **declared,
    )
    yield _bad("value is a word", "binary", plain(changed(rows, 3, 2, "2:tall"), " "), "format.libsvm", **declared)
    yield _bad(
        "label is a word",
        "binary",
        plain(changed(rows, 3, 0, "yes"), " "),
        "labels.objective",
        silent=True,
        **declared,
    )
    yield _bad("LibSVM said to be CSV", "binary", tidy, "channels.content_type", source="failure 2")
    csv = plain(_rows("binary"))
    yield _bad("CSV said to be LibSVM", "binary", csv, "channels.content_type", source="failure 2", **declared)
    yield _bad(
        "CSV said to be LibSVM, old image",
        "binary",
        csv,
        "channels.content_type",
        source="failure 2",
        image_tag="1",
        **declared,
    )
    yield _bad(
        "labels 1 and 2 in LibSVM",
        "binary",
        plain([[str(int(r[0]) + 1), *r[1:]] for r in rows], " "),
        "labels.objective",
        **declared,
    )


@maker
def prefixes() -> Iterator[Bad]:
    """What lies under the prefix besides the table."""
    tidy = plain(_rows("binary")).encode()
    kind = "binary"
    yield _bad("hidden file", kind, b"", "location.hidden", files={HERE: tidy, "train/.part.csv.crc": b"crc"})
    yield _bad(
        "notes beside",
        kind,
        b"",
        "location.stray",
        source="failure 2",
        files={HERE: tidy, "train/readme.md": b"a table\n"},
    )
    yield _bad(
        "a manifest beside",
        kind,
        b"",
        "location.stray",
        source="failure 2",
        files={HERE: tidy, "train/x.manifest": b"[]\n"},
    )
    yield _bad(
        "an unfinished upload beside",
        kind,
        b"",
        "location.stray",
        source="failure 2",
        files={HERE: tidy, "train/a.tmp": b"0,1\n"},
    )
    yield _bad(
        "too deep",
        kind,
        b"",
        "location.depth",
        silent=True,
        files={HERE: tidy, "train/a/b/c/part.csv": tidy},
    )
    yield _bad("all too deep", kind, b"", "location.data", files={"train/a/b/c/part.csv": tidy})
    yield _bad("only hidden", kind, b"", "location.data", source="failure 13", files={"train/_SUCCESS": b"ok"})
    yield _bad("only empty", kind, b"", "location.data", source="failure 13", files={HERE: b""})
    yield _bad("nothing there", kind, b"", "location.data", source="failure 12", files={"other/a.csv": tidy})
