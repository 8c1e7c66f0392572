"""A weight column: second in the channel, no feature, and a number from 0 in every row."""

import json

import pytest

import algorithms
from common.problems import Problem
from tables import Recipe, RowEncoder, locate, prepare
from tests.unit.tables.conftest import BUCKET

XGBOOST = algorithms.get("xgboost")


def lines(weights, count: int = 60, label=lambda i: "no" if i % 2 else "yes") -> str:
    rows = [f"{'ab'[i % 3 > 0]},{weights(i)},{i},{label(i)}" for i in range(count)]
    return "\n".join(["city,w,age,y", *rows])


@pytest.fixture
def prepared(folder, keep):
    def prepare_parts(text: str, algorithm=XGBOOST, **recipe):
        source = locate(folder, keep(text))
        return prepare(source, Recipe(**{"target": "y", "weight": "w"} | recipe), algorithm, f"s3://{BUCKET}/weights")

    return prepare_parts


def written(folder, uri: str) -> list[list[str]]:
    path = folder.root / BUCKET / uri.split(f"{BUCKET}/")[1]
    return [line.split(",") for part in sorted(path.glob("*.csv")) for line in part.read_text().splitlines()]


def refused(prepared, text: str, **recipe) -> Problem:
    with pytest.raises(Problem) as problem:
        prepared(text, **recipe)
    return problem.value


def test_the_weight_is_second_and_no_feature(folder, prepared):
    ready = prepared(lines(lambda i: f"{i % 4}.50"))
    schema = json.loads(json.dumps(ready.schema))
    assert [c["role"] for c in schema["columns"]] == ["feature", "weight", "feature", "target"]
    assert schema["features"] == ["city=a", "city=b", "age"] and ready.facts.weighted
    assert XGBOOST.settle({}, ready.facts)["csv_weights"] == "1"
    assert "Each row counts by its weight, which is behind the label: w." in ready.fixes
    for channel in ("train", "validation"):
        rows = written(folder, ready.channels[channel])
        assert all(len(row) == 5 and row[1] == f"{int(row[4]) % 4}.50" for row in rows)  # as it was written
    encoder = RowEncoder(schema)
    assert encoder.names == ["city", "age"]
    for row in ({"city": "a", "age": 7}, {"city": "a", "age": 7, "w": 3, "y": "no"}):
        assert encoder.encode([row]).tolist() == [[1, 0, 7]]
    assert encoder.read(b"a,3,7,no\n", "text/csv").tolist() == [[1, 0, 7]]


def test_xgboosts_reader_takes_the_channel_apart_as_it_was_written(folder, prepared):
    from algorithms.contract import Channel
    from algorithms.xgboost.channel_data import load_channels

    ready = prepared(lines(lambda i: i % 4 + 1), validation="none")
    path = folder.root / BUCKET / ready.channels["train"].split(f"{BUCKET}/")[1]
    rows = load_channels([Channel("train", path, "text/csv")], "csv", csv_weights=True)
    assert rows.shape == (60, 3) == (60, len(ready.schema["features"]))
    assert rows.weight.tolist() == [i % 4 + 1 for i in range(60)]


@pytest.mark.parametrize("value", ["0", "1e-3", "7", "+2.5"])
def test_weights_from_zero_up_are_taken(prepared, value):
    assert prepared(lines(lambda i: value if i % 5 else "1")).facts.weighted


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (lambda i: "-1" if i == 9 else "1", "goes down to -1"),
        (lambda i: "" if i == 9 else "1", "1 row has no weight in column w. The first is row 10 of"),
        (lambda i: "NA" if i in (9, 11) else "1", "2 rows have no weight"),
        (lambda i: "0", "is 0 in every row"),
        (lambda i: "heavy" if i % 2 else "light", "is no number in every row"),
        (lambda i: "heavy" if i == 9 else f"{i}.5", "heavy"),
        (lambda i: "inf" if i == 9 else f"{i}.5", "inf"),
        (lambda i: "2024-01-31", "is no number in every row"),
    ],
)
def test_what_is_no_weight_is_refused_by_column(prepared, weights, words):
    problem = refused(prepared, lines(weights))
    assert words in problem.message and "w" in problem.message


def test_a_weight_is_neither_the_target_nor_unknown_nor_for_every_algorithm(prepared):
    text = lines(lambda i: "1")
    assert "is predicted" in refused(prepared, text, weight="age", target="age").message
    assert "There is no weight column 'x'" in refused(prepared, text, weight="x").message
    for algorithm in algorithms.ALGORITHMS.values():
        if algorithm.supervised and algorithm.name != "xgboost":
            with pytest.raises(Problem, match=f"{algorithm.title} takes no weights"):
                prepared(text, algorithm)


def test_a_row_that_is_left_out_needs_no_weight(folder, prepared):
    text = lines(lambda i: "" if i == 9 else "1", label=lambda i: "" if i == 9 else "ab"[i % 2])
    assert prepared(text, validation="none").counts["train"] == 59
    problem = refused(prepared, lines(lambda i: "" if i == 8 else "1", label=lambda i: "" if i == 9 else "ab"[i % 2]))
    assert "has the weight '' in column w" in problem.message


@pytest.mark.parametrize("value", ["-1", "", "much"])
def test_the_validation_location_needs_weights_too(prepared, keep, value):
    second = keep(f"city,w,age,y\na,1,2,yes\na,{value},2,no\n", "second.csv")
    problem = refused(prepared, lines(lambda i: f"{i}"), validation="location", validation_uri=second)
    assert "w" in problem.message and repr(value) in problem.message


def test_a_left_out_column_can_be_the_weight(folder, prepared):
    ready = prepared(lines(lambda i: f"{i + 1}"), excluded=["w"])
    assert ready.facts.weighted and "Left out" not in " ".join(ready.fixes)


def test_objects_that_are_used_as_they_are_have_it_second(prepared):
    rows = "\n".join(f"{i % 2},{i % 3 + 1},{i},{i * 2}" for i in range(40))
    ready = prepared(rows, target="", weight="#2", prepare=False)
    assert [c["role"] for c in ready.schema["columns"]] == ["target", "weight", "feature", "feature"]
    assert ready.schema["features"] == ["#3", "#4"] and ready.facts.weighted
    assert RowEncoder(ready.schema).read(b"7,8\n", "text/csv").tolist() == [[7, 8]]
    third = refused(prepared, rows, target="", weight="#3", prepare=False)
    assert "takes the second column for the weight, and #3 is another one" in third.message
    libsvm = "\n".join(f"{i % 2} 1:{i} 2:{i}" for i in range(40))
    assert "LibSVM" in refused(prepared, libsvm, target="", weight="#2").message
    fits = prepared(rows, target="#1", weight="#2", validation="none")
    assert fits.schema["prepared"] and fits.schema["features"] == ["#3", "#4"]
