"""Training, validation and test rows: at random, by time and by group."""

import csv
import io

import numpy as np
import pytest

import algorithms
from common.problems import Problem
from tables import Recipe, locate, prepare
from tables.evaluation_rows import read_evaluation_rows
from tables.group_holdout import held_out_groups
from tables.holdout import first_moments
from tables.split import TEST, TRAIN, VALIDATION, Shares, StratifiedSplit, held_out_rows
from tests.unit.tables.conftest import BUCKET

XGBOOST = algorithms.get("xgboost")
FOLDER = f"s3://{BUCKET}/made"


def rows_in(folder, name: str) -> list[list[str]]:
    path = folder.root / BUCKET / "made" / name
    return [row for part in sorted(path.glob("*.csv")) for row in csv.reader(io.StringIO(part.read_text()))]


@pytest.fixture
def prepare_parts(folder, keep):
    """Prepare a table of more columns, y and x at its end: what came of it, and the x of each part."""

    def run(lines, algorithm=XGBOOST, **fields):
        ready = prepare(locate(folder, keep("\n".join(lines) + "\n")), Recipe(**fields), algorithm, FOLDER)
        parts = {name: rows_in(folder, name) for name in ("train", "validation", "test-rows")}
        return ready, {name: [float(row[-1]) for row in rows] for name, rows in parts.items()}

    return run


def table(rows: int, *columns: str, **cells) -> list[str]:
    heads = [*columns, "y", "x"]
    return [",".join(heads), *(",".join(str(cells[head](i)) for head in heads) for i in range(rows))]


X = {"x": lambda i: i, "y": lambda i: "ab"[i % 3 == 0]}


def test_test_rows_are_no_channel_and_are_counted(prepare_parts):
    ready, parts = prepare_parts(table(300, **X), target="y", test_share=0.1)
    assert set(ready.channels) == {"train", "validation"}
    assert {name: len(rows) for name, rows in parts.items()} == {"train": 210, "validation": 60, "test-rows": 30}
    assert sorted(sum(parts.values(), [])) == list(range(300))
    counted = {name: ready.schema[name] for name in ("rows", "train_rows", "validation_rows", "test_rows")}
    assert counted == {"rows": 300, "train_rows": 210, "validation_rows": 60, "test_rows": 30}


def test_test_rows_leave_the_validation_rows_as_they_were(prepare_parts):
    before = prepare_parts(table(300, **X), target="y")[1]
    assert prepare_parts(table(300, **X), target="y", test_share=0.1)[1]["validation"] == before["validation"]


def test_test_rows_without_validation_rows(prepare_parts):
    ready, parts = prepare_parts(table(100, **X), target="y", validation="none", test_share=0.2)
    assert set(ready.channels) == {"train"} and (len(parts["train"]), len(parts["test-rows"])) == (80, 20)


def test_without_a_label_no_row_is_kept_for_the_test(prepare_parts):
    ready, _parts = prepare_parts(table(100, **X | {"y": lambda i: i % 7}), algorithms.get("kmeans"), test_share=0.2)
    assert ready.schema["test_rows"] == 0


def test_the_rows_for_the_endpoint_are_the_test_rows_without_labels(folder, prepare_parts):
    ready, parts = prepare_parts(table(300, **X), target="y", test_share=0.1)
    batches = list(read_evaluation_rows(folder, FOLDER, ready.content_type, 30))
    assert b"".join(batch.body for batch in batches).decode().split() == [f"{x:g}" for x in parts["test-rows"]]
    labels = np.concatenate([batch.labels for batch in batches])
    assert labels.tolist() == [float(x % 3 == 0) for x in parts["test-rows"]]


def test_test_rows_have_no_weights(folder, prepare_parts):
    weighted = table(60, "w", **X, w=lambda i: i + 1)
    ready, parts = prepare_parts(weighted, target="y", weight="w", test_share=0.2)
    assert rows_in(folder, "train")[0][1] == f"{parts['train'][0] + 1:g}"
    assert [len(row) for row in rows_in(folder, "test-rows")] == [2] * ready.schema["test_rows"]


def test_records_for_the_endpoint_have_no_labels(folder, prepare_parts):
    from algorithms.formats.recordio import read_table

    machines = algorithms.get("factorization-machines")
    ready = prepare_parts(table(60, "c", **X, c=lambda i: f"c{i % 4}"), machines, target="y", test_share=0.2)[0]
    (batch,) = read_evaluation_rows(folder, FOLDER, ready.content_type, ready.schema["test_rows"])
    features, labels = read_table(batch.body)
    assert len(batch.labels) == ready.schema["test_rows"] == 12 and not len(labels)
    assert len(features.starts) - 1 == 12


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_a_row_of_each_class_is_left_to_learn_from(rows):
    counts = dict.fromkeys(range(200), rows)
    held_out = held_out_rows(counts, 0.4, 0.4)
    assert all(validated + tested < rows for validated, tested in held_out.values())


def test_many_small_classes_have_their_share_of_test_rows_together():
    held_out = held_out_rows(dict.fromkeys(range(100), 4), 0.2, 0.1)
    assert sum(tested for _validated, tested in held_out.values()) == 40


def test_parts_of_batches_are_those_of_the_whole():
    classes = np.arange(1000) % 7
    counts = {label: int((classes == label).sum()) for label in range(7)}
    whole = StratifiedSplit(counts, 0.2, 3, 0.1).parts(classes)
    split = StratifiedSplit(counts, 0.2, 3, 0.1)
    assert (np.concatenate([split.parts(classes[:13]), split.parts(classes[13:])]) == whole).all()
    assert [int((whole == part).sum()) for part in (TRAIN, VALIDATION, TEST)] == [698, 202, 100]


def test_the_last_rows_are_the_test_and_those_before_them_validation(prepare_parts):
    dated = table(90, "when", **X, when=lambda i: f"2024-01-{(i * 7) % 30 + 1:02}")
    ready, parts = prepare_parts(dated, target="y", validation="time", time_column="when", test_share=0.1)
    days = {name: {(x * 7) % 30 + 1 for x in rows} for name, rows in parts.items()}
    assert max(days["train"]) < min(days["validation"]) <= max(days["validation"]) < min(days["test-rows"])
    assert (ready.schema["validation_rows"], ready.schema["test_rows"]) == (18, 9)


def test_rows_without_a_date_are_training_rows(prepare_parts):
    dated = table(60, "when", **X, when=lambda i: "" if i % 6 == 0 else f"2024-01-{i % 28 + 1:02}")
    _ready, parts = prepare_parts(dated, target="y", validation="time", time_column="when", test_share=0.1)
    assert not any(x % 6 == 0 for x in parts["validation"] + parts["test-rows"])


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([0, 1], (1, np.inf)),
        ([0] * 9 + [1], (1, np.inf)),
        ([0] + [1] * 9, (1, np.inf)),
        ([0, 1, 2], (1, 2)),
        ([0, 1] + [2] * 8, (1, 2)),
        ([*range(10)], (7, 9)),
    ],
)
def test_rows_of_one_moment_are_in_one_part(moments, expected):
    assert first_moments(np.array(moments, float), Shares(0.2, 0.1)) == expected


def test_no_group_is_in_two_parts(prepare_parts):
    grouped = table(400, "customer", **X, customer=lambda i: f"c{i % 37}")
    fields = {"target": "y", "validation": "group", "group_column": "customer", "test_share": 0.1}
    ready, parts = prepare_parts(grouped, **fields)
    groups = {name: {x % 37 for x in rows} for name, rows in parts.items()}
    assert not groups["train"] & groups["validation"] and not groups["test-rows"] & (
        groups["train"] | groups["validation"]
    )
    assert 70 <= ready.schema["validation_rows"] <= 80 and 30 <= ready.schema["test_rows"] <= 40
    assert prepare_parts(grouped, **fields)[1] == parts
    assert prepare_parts(grouped, **fields, seed=1)[1] != parts


def test_numbers_name_one_group_however_they_are_written_and_rows_of_none_are_for_training(prepare_parts):
    grouped = table(120, "g", **X, g=lambda i: "" if i % 10 == 0 else f"{i % 10}.0" if i % 20 > 9 else i % 10)
    _ready, parts = prepare_parts(grouped, target="y", validation="group", group_column="g", test_share=0.1)
    groups = [{x % 10 for x in parts[name]} for name in ("train", "validation", "test-rows")]
    assert sum(len(group) for group in groups) == 10 and 0 in groups[0]


@pytest.mark.parametrize(
    ("counts", "tested", "validated"),
    [
        ([90, 10], 0, 1),  # of two groups the smaller is for validation
        ([98, 1, 1], 1, 1),
        ([50, 30, 20], 1, 1),  # each larger than its part's share
        ([1] * 100, 10, 20),
        ([400, 80, 90, 11, 12, 13, 14, 15, 90, 75, 100, 100], 2, 5),  # one that has no room does not keep out others
    ],
)
def test_groups_larger_than_a_part_stay_for_training_where_smaller_ones_do(counts, tested, validated):
    groups = np.arange(len(counts))
    test, validation = held_out_groups(groups, np.array(counts), Shares(0.2, 0.1))
    assert (len(test), len(validation)) == (tested, validated)
    assert int(np.argmax(counts)) not in [*test, *validation] or len(set(counts)) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"group_column": "nobody"}, "There is no column 'nobody'"),
        ({"group_column": "one"}, "Column one has one group only"),
        ({"group_column": "y"}, "Column y is predicted"),
    ],
)
def test_a_column_that_groups_nothing_is_refused(prepare_parts, fields, words):
    with pytest.raises(Problem, match=words) as refused:
        prepare_parts(table(50, "one", **X, one=lambda i: "a"), target="y", validation="group", **fields)
    assert refused.value.field == "recipe.group_column"


@pytest.mark.parametrize("how", [{}, {"validation": "group", "group_column": "g"}])
def test_five_rows_are_split_somehow(prepare_parts, how):
    ready, parts = prepare_parts(table(5, "g", **X, g=lambda i: f"g{i}"), target="y", test_share=0.2, **how)
    assert ready.schema["train_rows"] >= 1 and sum(len(rows) for rows in parts.values()) == 5
