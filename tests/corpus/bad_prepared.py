"""Tables with a header that the console prepares: what preparing would refuse, or what would mislead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jobs.spec import JobSpec
from tables.recipe import Recipe
from tests.corpus import real
from tests.corpus.bad import Bad, changed, maker
from tests.corpus.real import NAMES, Rows, as_csv

HERE = "t.csv"
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def _table(kind: str = "binary") -> Rows:
    return [NAMES[kind], *getattr(real, kind)()]


def _prepared(name: str, rows: Rows | bytes | str, *expect: str, **more: Any) -> Bad:
    recipe = {k: more.pop(k) for k in list(more) if k in Recipe.__dataclass_fields__}
    recipe = {"target": NAMES["binary"][0]} | recipe
    body = rows if isinstance(rows, bytes) else (rows if isinstance(rows, str) else as_csv(rows)).encode()
    files = more.pop("files", {HERE: body})
    also = {k: more.pop(k) for k in ("silent",) if k in more}
    job = JobSpec(**{"data_uri": f"s3://corpus/{HERE}", "recipe": Recipe(**recipe)} | more)
    return Bad(f"{name} (prepared)", job, files, expect, **also)


def _column(rows: Rows, name: str, cells) -> Rows:
    return [[*rows[0], name], *([*row, cells(i)] for i, row in enumerate(rows[1:]))]


@maker
def cells() -> Iterator[Bad]:
    rows = _table()
    yield _prepared("a word among numbers", changed(rows, 8, 2, "unknown"), "columns.numbers")
    yield _prepared("12ab among numbers", changed(rows, 8, 2, "12ab"), "columns.numbers")
    yield _prepared("a date among numbers", changed(rows, 8, 2, "2024-05-06"), "columns.numbers")
    yield _prepared("dollars", _column(rows, "price", lambda i: f"${i}.50"), "columns.numbers")
    yield _prepared("one dollar sign", changed(rows, 8, 2, "$3"), "columns.numbers")
    yield _prepared("percents", _column(rows, "share", lambda i: f"{i % 90}%"), "columns.numbers")
    yield _prepared("thousands", _column(rows, "sum", lambda i: f"{i + 1},234"), "columns.numbers")
    yield _prepared("points for no value", _column(rows, "v", lambda i: "." if i % 5 else f"{i}.25"), "columns.numbers")
    yield _prepared(
        "one word again and again", _column(rows, "v", lambda i: f"{i}.25" if i % 5 else "see note"), "columns.numbers"
    )
    yield _prepared(
        "a day that no calendar has", _column(rows, "v", lambda i: f"2024-02-{i % 30 + 1:02}"), "columns.numbers"
    )
    yield _prepared(
        "day or month first", _column(rows, "v", lambda i: f"{i % 12 + 1}/{i % 11 + 1}/2024"), "columns.dates"
    )
    for name, cells in (
        ("losses in brackets", lambda i: f"({i}.50)" if i % 5 else f"{i}.5"), ("lakh", lambda i: f"{i + 1},10,100"),
        ("reais", lambda i: f"R$ {i + 1}.165,15"), ("thousands and millions", lambda i: f"{i}.5{'KM'[i % 2]}"),
        ("bounds", lambda i: f"{i},000+"), ("digits of other scripts", lambda i: str(i).translate(ARABIC)),
        ("two units", lambda i: f"{i} {('kg', 'lb')[i % 2]}"), ("points between thousands", lambda i: f"{i + 1}.165"
                                                                if i % 2 else f"{i + 1}"),
    ):  # fmt: skip
        yield _prepared(name, _column(rows, "v", cells), "columns.numbers")
    yield _prepared("infinity", changed(rows, 8, 2, "inf"), "columns.infinite")
    yield _prepared("too large for 32 bits", changed(rows, 8, 2, "1e39"), "columns.large")
    yield _prepared(
        "free text", _column(rows, "note", lambda i: f"asked about order {i % 150} on the phone"), "columns.text"
    )
    yield _prepared("an empty column", _column(rows, "fax", lambda i: ""), "columns.missing")
    yield _prepared("mostly empty", _column(rows, "fax", lambda i: "1" if i % 10 == 0 else ""), "columns.missing")
    yield _prepared("a constant", _column(rows, "country", lambda i: "KR"), "columns.constant")
    yield _prepared("a row number", _column(rows, "row", str), "columns.unique", included=["row"])
    codes = _column(rows, "customer_id", lambda i: f"C{i * 7919:06}")
    yield _prepared("an id", codes, "columns.unique", included=["customer_id"])
    plain = [[f"x{i}" for i in range(len(rows[0]))], *([*row[1:], row[1]] for row in rows[1:])]
    yield _prepared("no column that must be the answer", plain, "target.guess", target="")
    leak = [[*rows[0], "verdict"], *([*row, "bad" if row[0] == "1" else "good"] for row in rows[1:])]
    yield _prepared("the answer in words", leak, "columns.leakage")
    amounts, name = _table("regression"), NAMES["regression"][0]
    parts = [[*row, f"{i % 40}", f"{float(row[0]) - i % 40:g}"] for i, row in enumerate(amounts[1:])]
    yield _prepared("parts of the answer", [[*amounts[0], "a", "b"], *parts], "columns.sum_leakage", target=name)
    for objective in ("rank:pairwise", "survival:aft"):
        hyperparameters = {"num_round": "5", "objective": objective}
        more: dict[str, Any] = {"target": name, "hyperparameters": hyperparameters, "silent": True}
        yield _prepared(f"{objective} of a plain table", amounts, "hyperparameters.rows", **more)
    yield _prepared("repeated rows", [*rows, *rows[1:60]], "rows.duplicates")


@maker
def weights() -> Iterator[Bad]:
    rows, parameters = _table(), {"csv_weights": "1"}
    weighted = _column(rows, "w", lambda i: f"{i % 3 + 1}.5")
    yield _prepared("csv_weights without a weight", rows, "weights.column", hyperparameters=parameters, silent=True)
    yield _prepared("a weight below 0", _column(rows, "w", lambda i: str(i - 5)), "weights.column", weight="w")
    yield _prepared("a row without a weight", changed(weighted, 8, -1, ""), "weights.column", weight="w")
    yield _prepared("a weight in words", _column(rows, "w", lambda i: "much"), "weights.column", weight="w")
    yield _prepared("the target as the weight", weighted, "weights.column", weight=rows[0][0])
    yield _prepared("class weights for k-NN", rows, "rows.class_weights", class_weights="balanced", algorithm="knn")
    yield _prepared("weights for k-NN", weighted, "weights.column", weight="w", algorithm="knn")


@maker
def constraints() -> Iterator[Bad]:
    rows = _column(_table(), "city", lambda i: "abc"[i % 3])
    first, up = rows[0][1], {rows[0][1]: "up"}
    twice, linear = {"monotone_constraints": "(1,0)", "tree_method": "hist"}, {"booster": "gblinear"}
    yield _prepared("a text that predictions rise with", rows, "columns.monotone", monotone={"city": "up"})
    yield _prepared("the target as a constraint", rows, "columns.monotone", monotone={rows[0][0]: "down"})
    yield _prepared("a left-out column as a constraint", rows, "columns.monotone", monotone=up, excluded=[first])
    yield _prepared("constraints for k-NN", rows, "columns.monotone", monotone=up, algorithm="knn")
    yield _prepared("constraints twice", rows, "columns.monotone", monotone=up, hyperparameters=twice)
    yield _prepared("constraints of a linear booster", rows, "columns.monotone", monotone=up, silent=True,
                    hyperparameters=linear)  # fmt: skip


@maker
def raw_weights() -> Iterator[Bad]:
    rows, hyperparameters = _table()[1:], {"csv_weights": "1", "num_round": "5"}
    raw = {"prepare": False, "target": "", "hyperparameters": hyperparameters}
    yield _prepared("the first feature read as the weight", rows, "weights.second", silent=True, **raw)
    yield _prepared("the weight in the third column", rows, "weights.second", silent=True, weight="#3", **raw)
    for what, cell in (("below 0", "-2"), ("that is empty", "")):
        wrong = changed(rows, 8, 1, cell)
        yield _prepared(f"a raw weight {what}", wrong, "weights.second", silent=True, weight="#2", **raw)
    zeros = [[row[0], "0", *row[2:]] for row in rows]
    yield _prepared("raw weights of 0", zeros, "weights.second", weight="#2", **raw)


@maker
def shapes() -> Iterator[Bad]:
    rows = _table()
    text = as_csv(rows)
    yield _prepared("an extra cell", [*rows[:9], [*rows[9], "5"], *rows[10:]], "format.width")
    yield _prepared("a lost cell", [*rows[:9], rows[9][:-1], *rows[10:]], "format.width")
    yield _prepared("a total below", text + "Total,,\n", "format.width")
    yield _prepared(
        "names of rows",
        [rows[0], *([f"p{i % 40}", *row] for i, row in enumerate(rows[1:]))],
        "format.names",
        silent=True,
    )
    yield _prepared(
        "a note without a name", [rows[0], *([*row, "ok"] for row in rows[1:])], "format.names", silent=True
    )
    yield _prepared("a name too many", [[*rows[0], "note"], *rows[1:]], "format.names", silent=True)
    yield _prepared(
        "labels in two spellings",
        [rows[0], *([("yes", "Yes", "no")[i % 3], *row[1:]] for i, row in enumerate(rows[1:]))],
        "target.labels",
    )
    yield _prepared(
        "None as a label",
        [rows[0], *([("None", "mild", "bad")[i % 3], *row[1:]] for i, row in enumerate(rows[1:]))],
        "target.labels",
    )
    yield _prepared(
        "NA beside labels",
        [rows[0], *([("NA", "mild", "bad")[i % 3], *row[1:]] for i, row in enumerate(rows[1:]))],
        "target.labels",
    )
    yield _prepared(
        "Latin-1 beside UTF-8",
        rows,
        "format.encoding",
        data_uri="s3://corpus/d/",
        files={
            "d/a.csv": as_csv(_column(rows, "city", lambda i: "Köln")).encode(),
            "d/b.csv": as_csv(_column(rows, "city", lambda i: "Köln")).encode("latin-1"),
        },
    )
    yield _prepared(
        "one byte that does not fit",
        b"",
        "format.encoding",
        files={
            HERE: as_csv(_column(rows, "city", lambda i: "Köln"))
            .encode()
            .replace("Köln".encode(), "Köln".encode("latin-1"), 1)
        },
    )
    yield _prepared(
        "Cyrillic",
        b"",
        "format.encoding",
        files={HERE: as_csv(_column(rows, "город", lambda i: ("Москва", "Казань")[i % 2])).encode("cp1251")},
    )
    yield _prepared("a total that fits", [*rows, ["Total", *rows[-1][1:]]], "rows.totals", target=rows[0][1])
    yield _prepared("header again", [*rows[:50], rows[0], *rows[50:]], "format.header")
    yield _prepared("header as data", rows, "format.header", has_header=False, target="#1", silent=True)
    yield _prepared("one column", [[row[0]] for row in rows], "format.delimiter")
    yield _prepared("header only", rows[:1], "format.table")
    yield _prepared("three rows", rows[:4], "rows.enough")
    yield _prepared("a spreadsheet", b"PK\x03\x04" + b"\0" * 500, "format.table")
    yield _prepared("a broken Parquet file", b"PAR1" + b"\0" * 500, "format.table")
    yield _prepared("an empty file", b"", "location.data")
    yield _prepared("nothing there", rows, "location.data", data_uri="s3://corpus/other.csv")
    yield _prepared("no bucket", rows, "location.data", data_uri="s3://nowhere/t.csv")
    yield _prepared(
        "not UTF-8",
        _column(rows, "city", lambda i: "Köln"),
        "format.encoding",
        files={HERE: as_csv(_column(rows, "city", lambda i: ("Köln", "Nîmes")[i % 2])).encode("latin-1")},
    )
    yield _prepared("a column that is not there", rows, "columns.remaining", excluded=["colour"])
    yield _prepared("all columns left out", rows, "columns.remaining", excluded=NAMES["binary"][1:])
    yield _prepared("held-out share of 2", rows, "compute.held_out", validation_share=2.0)
    yield _prepared("test share of -1", rows, "compute.held_out", test_share=-1.0)
    yield _prepared("test rows beside them", rows, "compute.held_out", validation_share=0.6, test_share=0.5)
    yield _prepared("no second location", rows, "location.validation", validation="location")
    yield _prepared(
        "the same second location",
        rows,
        "location.validation",
        validation="location",
        validation_uri="s3://corpus/t.csv",
    )
    yield _prepared("no group column", rows, "location.validation", validation="group", group_column="whose")
    yield _prepared(
        "one group", _column(rows, "shop", lambda i: "a"), "location.validation", validation="group",
        group_column="shop",
    )  # fmt: skip
    yield _prepared(
        "the target groups", rows, "location.validation", validation="group", group_column=NAMES["binary"][0]
    )
    yield _prepared("no time column", rows, "location.validation", validation="time", time_column="when")
    files = {HERE: text.encode(), "v.csv": as_csv([rows[0], *rows[1:40]]).encode()}
    yield _prepared(
        "validation rows are training rows",
        rows,
        "rows.validation_overlap",
        files=files,
        validation="location",
        validation_uri="s3://corpus/v.csv",
    )


@maker
def targets() -> Iterator[Bad]:
    rows = _table()
    yield _prepared("no such target", rows, "target.column", target="churned")
    yield _prepared("target left out", rows, "target.column", excluded=["malignant"])
    yield _prepared("one label", [rows[0], *(["1", *r[1:]] for r in rows[1:])], "target.column")
    yield _prepared("an empty target", [rows[0], *(["", *r[1:]] for r in rows[1:])], "target.column")
    yield _prepared(
        "dates to predict", _column(rows, "day", lambda i: f"2024-05-{i % 28 + 1:02}"), "target.column", target="day"
    )
    names = _column(rows, "name", lambda i: f"customer {i}")
    yield _prepared("names to predict", names, "target.column", target="name")
    words = [rows[0], *(["yes" if r[0] == "1" else "no", *r[1:]] for r in rows[1:])]
    yield _prepared("words for a regression", words, "target.column", hyperparameters={"objective": "reg:squarederror"})
    three = _column(rows, "grade", lambda i: "abc"[i % 3])
    yield _prepared(
        "three labels for binary",
        three,
        "target.classes",
        target="grade",
        hyperparameters={"objective": "binary:logistic"},
    )
    hyperparameters = {"objective": "multi:softmax", "num_class": "2"}
    yield _prepared("num_class too small", three, "target.classes", target="grade", hyperparameters=hyperparameters)
    hyperparameters = {"objective": "multi:softmax", "num_class": "7"}
    yield _prepared("num_class too large", three, "target.classes", target="grade", hyperparameters=hyperparameters)
    less = [NAMES["regression"], *([f"{float(r[0]) - 200:g}", *r[1:]] for r in real.regression())]
    for objective in ("count:poisson", "reg:gamma", "reg:logistic"):
        yield _prepared(
            f"negative labels for {objective}",
            less,
            "target.range",
            target="progression",
            hyperparameters={"objective": objective},
        )
    yield _prepared(
        "labels missing",
        [rows[0], *([("", r[0])[i % 3 > 0], *r[1:]] for i, r in enumerate(rows[1:]))],
        "target.missing",
    )
    yield _prepared("labels missing, refused", changed(rows, 5, 0, ""), "target.missing", unlabelled="refuse")
    rare = [rows[0], *([str(int(i == 4)), *r[1:]] for i, r in enumerate(rows[1:]))]
    yield _prepared("a rare class", rare, "rows.balance")
    for name, value in (("eta", "1.5"), ("max_depth", "six"), ("n_estimators", "100"), ("eval_metric", "auc")):
        hyperparameters = {name: value} | ({"objective": "reg:squarederror"} if name == "eval_metric" else {})
        yield _prepared(f"{name}={value}", rows, "hyperparameters.values", hyperparameters=hyperparameters)
