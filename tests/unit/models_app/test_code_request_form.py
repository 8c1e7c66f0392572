"""The test form of people's own code: what it sends by name, and what an answer of any shape says."""

import json

import pytest

from models_app.endpoints.code_request_form import CodeRequestForm, first_answer, value_of
from models_app.models import Model

SCHEMA = {
    "columns": [
        {"name": "age", "kind": "number", "role": "feature"},
        {"name": "plan", "kind": "text", "role": "feature", "values": ["a", "b"]},
        {"name": "churned", "kind": "text", "role": "target"},
    ],
    "target": "churned",
}
JSON = "application/json"


@pytest.fixture(autouse=True)
def no_sample(monkeypatch):
    monkeypatch.setattr("models_app.endpoints.request_form._sample", lambda model: {})


def form(kind: str = "class") -> CodeRequestForm:
    return CodeRequestForm(Model(algorithm="code", code={"kind": kind}, schema=SCHEMA), {"f0": "40", "f1": "b"})


def test_a_class_gets_the_row_by_name_and_a_script_in_the_order_of_the_table():
    by_name, in_order = form().request(), form("sklearn").request()

    assert json.loads(by_name.body) == {"instances": [{"age": 40, "plan": "b"}]}
    assert (by_name.content_type, by_name.accept) == (JSON, JSON)
    assert (in_order.body, in_order.content_type) == ("40,b", "text/csv")


@pytest.mark.parametrize("text, value", [
    ("", None), ("40", 40), ("4.0", 4.0), ("1e3", 1000.0), ("true", True), ("False", False), ("no", "no"),
    ("nan", "nan"), ("1_0", "1_0"), ("a b", "a b"),
])  # fmt: skip
def test_a_cell_is_what_pandas_makes_of_it(text, value):
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


@pytest.mark.parametrize("body, kind, answer", [
    ('{"predictions": [0.25], "kind": "array"}', JSON, "0.25"),
    ('{"predictions": ["malignant"], "kind": "array"}', JSON, "malignant"),
    ('{"predictions": [[0.2, 0.8]]}', JSON, "[0.2, 0.8]"),
    ('{"columns": ["label", "p"], "data": [["yes", 0.9]]}', JSON, '{"label": "yes", "p": 0.9}'),
    ("[3]", JSON, "3"),
    ("0.9994285\n", "text/csv; charset=utf-8", "0.999429"),
    ("0.1,0.9\n", "text/csv", "[0.1, 0.9]"),
])  # fmt: skip
def test_an_answer_is_read_whatever_its_shape(body, kind, answer):
    assert form().read(body, kind).headline == answer


@pytest.mark.parametrize(
    "body, kind", [("", "text/csv"), ("{", JSON), ('{"predictions": []}', JSON), ("[" * 9999, JSON)]
)
def test_what_is_no_answer_is_shown_as_it_is(body, kind):
    assert first_answer(body, kind) is None
