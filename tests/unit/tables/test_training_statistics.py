"""Encodings come from training rows: what held-out rows hold changes nothing that a model learns from."""

import csv
import io
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from common.problems import Problem
from tables import Folder, Recipe, RowEncoder, locate, prepare
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS

ROWS = 400
HELD_OUT = {
    "share": {"validation": "share"},
    "time": {"validation": "time", "time_column": "mark"},
}


def table() -> list[dict[str, str]]:
    """Every kind of column, some cells of each missing; `mark` numbers the rows."""
    random = np.random.default_rng(1)
    rows = []
    for i in range(ROWS):
        rows.append(
            {
                "mark": str(i),
                "price": f"{random.normal(50, 9):.3f}" if i % 7 else "",
                "member": ["yes", "no", "yes", "NA"][random.integers(4)],
                "since": f"20{random.integers(10, 20)}-0{random.integers(1, 9)}-11" if i % 9 else "",
                "colour": ["red", "green", "blue", ""][random.integers(4)],
                "shop": f"shop {random.integers(60)}" if i % 11 else "",
                "person": f"person {i}",
                "y": ["no", "yes"][random.integers(2)],
            }
        )
    return rows


def as_csv(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def changed(row: dict[str, str]) -> dict[str, str]:
    """The row with other values, far from the usual ones."""
    number = int(row["mark"])
    other = {
        "price": "987654.5", "member": "no", "since": "1951-12-30", "colour": "violet", "shop": f"new {number % 9}",
        "person": f"nobody {number}",
    }  # fmt: skip
    return row | other


def body(folder: Folder, uri: str) -> bytes:
    objects = folder.list_objects(BUCKET, uri.removeprefix(f"s3://{BUCKET}/"))
    return b"".join(folder.fetch(BUCKET, o.key, 0, o.size) for o in objects)


def types(**more: str) -> dict[str, str]:
    return {"shop": "category", "person": "category", "member": "boolean", **more}


@pytest.fixture(scope="module")
def marks_held_out(tmp_path_factory) -> Callable[[str, bool], set[str]]:
    """marks_held_out(how, has_label): `mark` of the rows held out; without classes other rows are drawn."""
    folder, uri = Folder(tmp_path_factory.mktemp("tables")), f"s3://{BUCKET}/table.csv"
    (folder.root / BUCKET).mkdir()
    (folder.root / BUCKET / "table.csv").write_text(as_csv(table()))

    @cache
    def marks(how: str, has_label: bool) -> set[str]:
        recipe = Recipe(target="y", types=types(), **HELD_OUT[how])
        algorithm = ALGORITHMS["trees" if has_label else "unsupervised"]
        ready = prepare(locate(folder, uri), recipe, algorithm, f"s3://{BUCKET}/{how}-{has_label}")
        at = ready.schema["features"].index("mark") + has_label
        return {line.split(",")[at] for line in body(folder, ready.channels["validation"]).decode().splitlines()}

    return marks


@pytest.mark.parametrize("how", HELD_OUT)
@pytest.mark.parametrize("name", ALGORITHMS)
def test_values_of_held_out_rows_change_nothing_that_a_model_learns_from(folder, keep, marks_held_out, name, how):
    algorithm, rows = ALGORITHMS[name], table()
    recipe = Recipe(target="y", types=types(), **HELD_OUT[how])
    held_out = marks_held_out(how, algorithm.data.label)
    assert 60 < len(held_out) < 100
    others = [changed(row) if row["mark"] in held_out else row for row in rows]

    before = prepare(locate(folder, keep(as_csv(rows))), recipe, algorithm, f"s3://{BUCKET}/before")
    after = prepare(locate(folder, keep(as_csv(others))), recipe, algorithm, f"s3://{BUCKET}/after")

    assert after.schema["columns"] == before.schema["columns"]
    assert body(folder, after.channels["train"]) == body(folder, before.channels["train"])
    validation = algorithm.data.validation
    assert body(folder, after.channels[validation]) != body(folder, before.channels[validation])


def test_values_of_test_rows_change_nothing_either(folder, keep):
    rows = table()
    recipe = Recipe(target="y", types=types(), test_share=0.1, **HELD_OUT["time"])
    algorithm = ALGORITHMS["neighbours"]
    before = prepare(locate(folder, keep(as_csv(rows))), recipe, algorithm, f"s3://{BUCKET}/before")
    assert (before.counts["train"], before.counts["validation"], before.counts["test"]) == (280, 80, 40)
    others = [changed(row) if int(row["mark"]) >= 280 else row for row in rows]
    after = prepare(locate(folder, keep(as_csv(others))), recipe, algorithm, f"s3://{BUCKET}/after")
    assert after.schema["columns"] == before.schema["columns"]
    assert body(folder, after.channels["train"]) == body(folder, before.channels["train"])


def test_the_statistics_are_those_of_the_training_rows(folder, keep):
    rows = table()
    recipe = Recipe(target="y", types=types(), validation="time", time_column="mark", validation_share=0.25)
    prepared = prepare(locate(folder, keep(as_csv(rows))), recipe, ALGORITHMS["neighbours"], f"s3://{BUCKET}/m")
    columns = {column["name"]: column for column in prepared.schema["columns"]}
    train = rows[: ROWS * 3 // 4]
    prices = np.array([float(row["price"]) for row in train if row["price"]])
    assert columns["price"]["fill"] == pytest.approx(prices.mean(), rel=1e-12)
    assert columns["price"]["shift"] == pytest.approx([prices.mean()], rel=1e-12)
    assert columns["price"]["scale"] == pytest.approx([prices.std()], rel=1e-12)
    colours = [row["colour"] for row in train if row["colour"]]
    assert columns["colour"]["fill"] == max(sorted(set(colours)), key=colours.count)
    moments = [np.datetime64(row["since"]).astype("datetime64[s]").astype(int) for row in train if row["since"]]
    assert columns["since"]["fill"] == int(np.mean(moments))
    assert columns["since"]["scale"][0] == pytest.approx(np.std(moments) / 86400, rel=1e-9)
    members = [row["member"] for row in train if row["member"] != "NA"]
    assert columns["member"]["fill"] == float(members.count("yes") >= members.count("no"))


def test_rows_that_are_left_out_are_no_training_rows_either(folder, keep):
    rows = table()
    for row in rows[:50]:
        row.update({"y": "", "price": "1000000", "colour": "violet"})
    recipe = Recipe(target="y", types=types(), validation="none")
    prepared = prepare(locate(folder, keep(as_csv(rows))), recipe, ALGORITHMS["linear"], f"s3://{BUCKET}/m")
    columns = {column["name"]: column for column in prepared.schema["columns"]}
    assert columns["colour"]["values"] == ["blue", "green", "red"]
    assert columns["price"]["fill"] < 60


@pytest.mark.parametrize("name", ["trees", "linear", "native", "machines", "neighbours"])
def test_a_column_without_a_value_in_the_training_rows_still_gives_whole_rows(folder, keep, name):
    algorithm, rows = ALGORITHMS[name], table()
    for row in rows[: ROWS - 40]:
        row |= {"price": "", "member": "", "since": "", "colour": "", "shop": "", "person": ""}
        rows[int(row["mark"])] = row
    recipe = Recipe(
        target="y", types=types(price="number", since="datetime", colour="category"), validation="time",
        time_column="mark", validation_share=0.1,
    )  # fmt: skip
    prepared = prepare(locate(folder, keep(as_csv(rows))), recipe, algorithm, f"s3://{BUCKET}/m")
    encoded = RowEncoder(prepared.schema).encode([{k: v for k, v in rows[0].items() if k != "y"}])
    assert encoded.shape == (1, len(prepared.schema["features"])) and prepared.facts.features == encoded.shape[1]
    assert prepared.counts["train"] == ROWS - 40
    if name in ("trees", "linear", "machines", "neighbours"):
        assert "Left out: colour" in "".join(prepared.fixes)


def test_no_feature_with_a_value_in_the_training_rows_is_refused_by_name(folder, keep):
    rows = [{"t": str(i), "colour": "red" if i > 80 else "", "y": str(i % 2)} for i in range(100)]
    recipe = Recipe(target="y", excluded=["t"], validation="time", time_column="t", validation_share=0.1)
    with pytest.raises(Problem, match="No column is left to learn from"):
        prepare(
            locate(folder, keep(as_csv([r | {"colour": ""} if int(r["t"]) < 90 else r for r in rows]))),
            recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/m",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name", "passes"),
    [
        ("numbers", "trees", 2),  # nothing comes from the rows
        ("words", "trees", 3),
        ("numbers", "linear", 3),
        ("words kept whole", "trees", 2),  # the rows of the profile are the training rows
    ],
)
def test_the_table_is_read_once_more_only_where_it_must_be(folder, keep, text, name, passes):
    cell = (lambda i: "ab"[i % 2]) if "words" in text else (lambda i: str(i * 7 % 13))
    content = "x,y\n" + "".join(f"{cell(i)},{i // 2 % 2}\n" for i in range(2000))
    recipe = Recipe(target="y", validation="none" if "whole" in text else "share")
    steps: list[tuple[int, int]] = []
    prepare(
        locate(folder, keep(content)), recipe, ALGORITHMS[name], f"s3://{BUCKET}/m",
        lambda done, total: steps.append((done, total)),
    )  # fmt: skip
    assert steps[-1] == (passes * len(content), passes * len(content))
