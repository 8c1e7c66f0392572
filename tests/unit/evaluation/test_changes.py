"""What would change an answer: the smallest change that does, with values of training, of no locked column."""

import numpy as np
import pytest

from evaluation.changes import changes_of

NUMBER = {"role": "feature", "kind": "number", "encoding": "number"}
COLUMNS = [
    {"name": "age", **NUMBER, "features": ["age"]},
    {"name": "calls", **NUMBER, "features": ["calls"]},
    {"name": "plan", "role": "feature", "kind": "text", "encoding": "one-hot", "values": ["a", "b"],
     "features": ["plan=a", "plan=b"]},
    {"name": "churned", "role": "target", "kind": "text"},
]  # fmt: skip
SCHEMA = {
    "columns": COLUMNS, "features": ["age", "calls", "plan=a", "plan=b"], "target": "churned", "algorithm": "xgboost",
    "score_kind": "probability", "task": "binary", "classes": ["no", "yes"],
    "summaries": {
        "age": {"rows": 100, "missing": 0, "min": 20, "max": 70, "hist": [20] * 5},
        "calls": {"rows": 100, "missing": 0, "min": 0, "max": 10, "hist": [50, 0, 0, 0, 50]},
        "plan": {"rows": 100, "missing": 0, "values": {"a": 50, "b": 50}},
    },
}  # fmt: skip
ROW = {"age": "30", "calls": "9", "plan": "a"}


class Linear:
    """Answers a probability, or a number, of weighted sums; counts its predictions."""

    def __init__(self, weights: list[float], start: float = 0.0, is_number: bool = False):
        self.weights, self.start, self.is_number, self.calls, self.rows = np.array(weights), start, is_number, 0, 0

    def check(self, rows):
        return rows.astype(np.float32)

    def response_type(self, accept):
        return accept

    def predict(self, rows):
        self.calls, self.rows = self.calls + 1, self.rows + len(rows)
        sums = rows @ self.weights + self.start
        return sums if self.is_number else 1 / (1 + np.exp(-sums))

    def write(self, predictions, kind):
        return "\n".join(map(repr, map(float, predictions))).encode()


def changes(model: Linear, locked=(), by=None, schema=SCHEMA) -> dict:
    return changes_of(model, "text/csv", schema, ROW, locked, by)


def edits(document: dict) -> list[list[tuple[str, str, str]]]:
    return [[(c["column"], c["from"], c["to"]) for c in change["columns"]] for change in document["changes"]]


def test_the_smallest_change_of_one_column_that_gives_another_class_comes_first():
    model = Linear([0, 1, -2, 2], start=-4.5)  # 9 calls on plan a: 2.5; another class from 6 calls or fewer
    document = changes(model)
    first, *_others = edits(document)
    (column, now, other) = first[0]
    assert (column, now) == ("calls", "9") and 5 <= int(other) <= 6
    assert document["answer"]["label"] == "yes" and document["changes"][0]["answer"]["label"] == "no"
    assert model.calls <= 4 and document["tried"] < 100


def test_a_locked_column_stays_and_two_columns_are_tried_where_one_is_not_enough():
    model = Linear([-0.1, 1, 3, 0], start=-5)  # plan and age decide together
    document = changes(model, locked=["calls"])
    assert edits(document) and all("calls" not in {name for name, *_ in one} for one in edits(document))
    assert {name for name, *_ in edits(document)[0]} == {"age", "plan"}
    assert changes(model, locked=["calls", "age", "plan"]) == {
        "answer": document["answer"], "by": None, "tried": 0, "changes": [], "untried": [],
    }  # fmt: skip


def test_columns_without_other_values_to_try_are_named():
    when = {"name": "when", "role": "feature", "kind": "datetime", "encoding": "date", "form": "iso", "parts": ["year"],
            "features": ["when.year"]}  # fmt: skip
    schema = SCHEMA | {"columns": [when, *COLUMNS], "features": ["when.year", *SCHEMA["features"]]}
    row = ROW | {"when": "2024-05-06"}
    document = changes_of(Linear([0, 0, 1, -2, 2], start=-4.5), "text/csv", schema, row, ["plan"], None)
    assert document["untried"] == ["when"] and document["changes"]


def test_where_nothing_changes_the_class_the_change_that_goes_farthest_is_named():
    document = changes(Linear([0, 0.1, 0, 0], start=50))
    assert document["changes"] == []
    document = changes(Linear([0, 0.1, 0, 0], start=2))
    assert document["nearest"]["columns"] == [{"column": "calls", "from": "9", "to": "0"}]


@pytest.mark.parametrize(("by", "moved"), [(None, 3.3), (20.0, 20.0)], ids=["a tenth", "asked"])
def test_a_number_moves_by_as_much_as_asked(by, moved):
    schema = SCHEMA | {"classes": [], "task": "regression", "score_kind": "value"}
    document = changes(Linear([0.5, 2, 0, 0], is_number=True), by=by, schema=schema)
    assert document["answer"] == {"value": 33.0} and document["by"] == pytest.approx(moved)
    for change in document["changes"]:
        assert abs(change["answer"]["value"] - 33) >= moved
        for one in change["columns"]:
            summary = SCHEMA["summaries"][one["column"]]
            assert summary["min"] <= float(one["to"]) <= summary["max"]
