"""Remarks on the values of a test request that the training data had nothing like."""

import pytest

from models_app.endpoints.input_remarks import MAX_REMARKS, remarks
from tables.column_summary import column_summaries
from tables.profile import ColumnProfile, Profile

COLUMNS = [
    {"name": "age", "role": "feature", "kind": "number"},
    {"name": "contract", "role": "feature", "kind": "text", "fill": "Month-to-month"},
    {"name": "fee", "role": "feature", "kind": "number", "numbers": "comma"},
    {"name": "churned", "role": "target", "kind": "text"},
]
PROFILE = Profile(
    *("s3://data/churn.csv", "", "csv", 100, 0, True),
    columns=[
        ColumnProfile("age", "number", rows=100, min=17, max=90, hist=[50, 50], distinct=60),
        ColumnProfile("contract", "category", rows=100, missing=3, values={"Month-to-month": 90, "Two years": 7}),
        ColumnProfile("fee", "number", rows=100, missing=4, min=0.5, max=20.0, hist=[96]),
        ColumnProfile("churned", "category", rows=100, values={"yes": 40, "no": 60}),
    ],
)


@pytest.fixture
def schema() -> dict:
    return {"columns": COLUMNS, "summaries": column_summaries(PROFILE, COLUMNS)}


def test_a_summary_says_range_distribution_and_missing_cells_of_each_feature(schema):
    assert schema["summaries"] == {
        "age": {"rows": 100, "missing": 0, "min": 17, "max": 90, "hist": [50, 50]},
        "contract": {"rows": 100, "missing": 3, "values": {"Month-to-month": 90, "Two years": 7}},
        "fee": {"rows": 100, "missing": 4, "min": 0.5, "max": 20.0, "hist": [96]},
    }


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"age": "17", "contract": "Two years", "fee": "20"}, []),
        ({"age": "240", "contract": "x", "fee": "3"}, ["age 240 is above the 17 to 90 seen in training."]),
        ({"age": "-1e3", "contract": "x", "fee": "3"}, ["age -1e3 is below the 17 to 90 seen in training."]),
        ({"age": "20", "contract": "x", "fee": "20,5"}, ["fee 20,5 is above the 0.5 to 20 seen in training."]),
        ({"age": "20", "contract": " ", "fee": ""}, ["contract is missing: filled with Month-to-month."]),
        ({"age": "NA", "contract": "x", "fee": "3"}, ["age is missing. No row in training was without it."]),
        ({"age": "old", "contract": "x", "fee": "3"}, []),  # refused by the form itself
    ],
    ids=["inside", "above", "below", "comma", "filled", "never missing", "no number"],
)
def test_only_what_training_had_nothing_like_is_remarked_on(schema, row, expected):
    assert remarks(schema, row) == expected


def test_without_a_summary_nothing_is_said_of_ranges_and_of_many_columns_not_everything():
    assert remarks({"columns": COLUMNS}, {"age": "240", "contract": "x", "fee": "3"}) == []
    columns = [{"name": f"c{n}", "role": "feature", "fill": 0.0} for n in range(50)]
    assert len(remarks({"columns": columns}, {})) == MAX_REMARKS
