"""A target that an algorithm cannot predict is refused with what can."""

import pytest

from tests.corpus.cases import Table, table

MACHINES = "factorization-machines"


def ratings(labels: str) -> Table:
    rows = "".join(f"u{i % 50},i{i * 7 % 41},{labels[i * 13 % len(labels)]}\n" for i in range(2000))
    return table(f"user,item,rating\n{rows}", target="rating", algorithm=MACHINES)


def test_ratings_can_be_predicted_as_numbers_or_by_another_algorithm():
    refused = ratings("12345")
    assert ("target.classes", "err", "") in refused.findings()
    as_number = refused.press("target.classes", label="number")
    assert not as_number.findings("err") and as_number.prepared.schema["task"] == "regression"
    other = refused.press("target.classes", label="XGBoost")
    assert other.job.algorithm == "xgboost" and other.prepared.schema["task"] == "multiclass"


def test_labels_in_words_are_left_to_an_algorithm_for_classes():
    refused = ratings("abc")
    assert [fix.label.split()[0] for fix in refused.finding("target.classes").fixes] == ["Use"]


@pytest.mark.parametrize("labels", ["01", "ab"])
def test_two_classes_are_predicted(labels):
    assert not ratings(labels).findings("err")
