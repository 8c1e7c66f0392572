"""Rows by name at an endpoint are answered as the artifact answers the prepared file, for every algorithm and encoding.

`python -m tests.serve_equality` is the same by hand.
"""

import pytest

from tests.serve_equality.compare import CASES, compare

pytestmark = pytest.mark.stack
SMALL, WHOLE = 120, 3000  # rows
ALL = [(name, labels) for name, tasks in CASES.items() for labels in tasks]
ENCODINGS = {
    "xgboost": {"number", "boolean", "date", "one-hot", "target"}, "lightgbm": {"code"}, "catboost": {"code"},
    "linear-learner": {"index", "one-hot", "tfidf"},
    "factorization-machines": {"index", "tfidf"}, "knn": {"number", "date", "one-hot"},
    "kmeans": {"bits"}, "pca": {"bits"}, "randomcutforest": {"bits"},
}  # fmt: skip


def check(name: str, labels: str, rows: int) -> None:
    outcome = compare(name, labels, rows)
    assert outcome.differing == [] and sum(outcome.rows.values()) >= rows
    by_labels = {"target"} if labels == "many" else set()  # too many to encode texts by them
    assert outcome.encodings >= ENCODINGS[name] - by_labels
    assert outcome.unseen or name == "randomcutforest"  # which has no channel for held-out rows


@pytest.mark.parametrize(("name", "labels"), [("xgboost", "binary"), ("linear-learner", "multiclass")])
def test_a_small_table_is_answered_alike(account, name, labels):
    check(name, labels, SMALL)


@pytest.mark.long
@pytest.mark.parametrize(("name", "labels"), ALL)
def test_three_thousand_rows_are_answered_alike(account, name, labels):
    check(name, labels, WHOLE)
