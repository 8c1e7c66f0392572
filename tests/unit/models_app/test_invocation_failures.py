"""A refused prediction request is explained by its status and its text, with the row and the column of the request."""

import pytest

from models_app.endpoints.invocation_failures import decode
from models_app.problems import Declined

CSV = "text/csv"
FLOAT = (
    "Loading csv data failed with Exception, please ensure data is in csv format:\n <class 'ValueError'>\n "
    "could not convert string to float: 'old'"
)
WIDTH = (
    "Unable to evaluate payload provided: Feature size of csv inference data 2 is not consistent with feature size of "
    "trained model 3"
)


def test_a_cell_that_is_no_number_has_its_row_and_its_column():
    failure = decode(Declined("", 424, FLOAT, 415), "1,2,3\n4,old,6\n", CSV, ["fee", "age", "calls"])

    assert failure.headline == "Row 2, column age: 'old' is no number"
    assert [(row.line, row.bad) for row in failure.rows.rows] == [(2, 1)]


def test_a_row_of_another_width_is_shown():
    failure = decode(Declined("", 424, WIDTH, 400), "1,2,3\n4,5\n", CSV, [])

    assert failure.headline == "The request has another number of features than the model"
    assert [(row.line, row.cells) for row in failure.rows.rows] == [(2, ["4", "5", ""])]


@pytest.mark.parametrize("status, inside, text, headline", [
    (413, 0, "", "The request is too large"),
    (424, 415, "application/json is not an accepted ContentType: csv", "The model does not read this content type"),
    (424, 415, "odd", "The model does not read this content type"),
    (424, 406, "Accept type text/x is not supported.", "The model does not answer in this format"),
    (429, 0, "", "Too many requests at once"),
    (424, 0, "Your invocation timed out while waiting for a response from container primary.",
     "The model did not answer in time"),
    (424, 500, "No module named 'sklearn'", "The package of sklearn is not installed"),
    (424, 500, "TypeError: 'int' object is not iterable", "A value has another type than the code expects"),
    (424, 400, "Seven is odd. Eight is not.", "Seven is odd."),
    (424, 400, "A row has 3 values. The model takes age, plan: 2 values.",
     "The request has another number of features than the model"),
    (503, 0, "", "No reason was given"),
])  # fmt: skip
def test_every_kind_of_refusal_has_a_headline(status, inside, text, headline):
    failure = decode(Declined("", status, text, inside), "1,2", CSV, [])

    assert (failure.headline, failure.rows) == (headline, None)
    assert failure.explain


@pytest.mark.parametrize("body, kind", [
    ('{"instances": [{"fee": 1, "age": 2}, {"fee": 4, "age": "old"}]}', "application/json"),
    ('{"fee": 1, "age": 2}\n{"fee": 4, "age": "old"}\n', "application/jsonlines"),
])  # fmt: skip
def test_a_cell_of_json_has_its_row_and_its_column(body, kind):
    failure = decode(Declined("", 424, FLOAT, 415), body, kind, [])

    assert failure.headline == "Row 2, column age: 'old' is no number"
    assert [(row.line, row.bad) for row in failure.rows.rows] == [(2, 1)]


def test_rows_of_json_without_names_have_those_of_the_model():
    failure = decode(Declined("", 424, FLOAT, 415), '{"instances": [[1, "old"]]}', "application/json", ["fee", "age"])

    assert failure.headline == "Row 1, column age: 'old' is no number"


@pytest.mark.parametrize("body", ["{", "[" * 9000, "7", '{"instances": 3}', '{"instances": [3]}', "[]"])
def test_json_that_holds_no_rows_has_none(body):
    failure = decode(Declined("", 424, FLOAT, 415), body, "application/json", [])

    assert failure.rows is None
    assert failure.headline == "The model could not read the request"
