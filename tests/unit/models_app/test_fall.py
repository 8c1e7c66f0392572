"""The reasons of a prediction as bars and words, from an answer that may be anything."""

import json

import pytest
from django.utils.safestring import SafeString

from models_app.endpoints.reasons import reasons_of
from models_app.web.fall import fall_of

DOCUMENT = {
    "score": 0.83,
    "base": -1.0,
    "start": 0.27,
    "end": 0.83,
    "scale": "log-odds",
    "class": "yes",
    "rest": 0.5,
    "reasons": [
        {"column": "calls", "value": 6, "effect": 2.5},
        {"column": "<b>plan</b>", "value": None, "effect": -0.4},
    ],
}


def test_bars_fall_from_the_start_to_the_answer_and_the_rest_is_one_of_them():
    fall = fall_of(DOCUMENT, 7)
    assert fall.sentence == "Together they lead from 0.27 to 0.83, the probability of yes."
    assert [(step.name, step.value, step.figure) for step in fall.steps] == [
        ("calls", "6", "+2.5"),
        ("<b>plan</b>", "empty", "-0.4"),
        ("5 other columns", "", "+0.5"),
    ]
    assert 'class="fb-up" x="0" y="2" width="96.2"' in fall.steps[0].svg
    assert 'class="fb-down" x="80.8"' in fall.steps[1].svg
    assert all(isinstance(step.svg, SafeString) for step in fall.steps)


def test_all_columns_leave_no_rest_and_a_number_has_no_class():
    document = {**DOCUMENT, "scale": "answer", "start": 12.0, "end": 1234567.0, "rest": 0.0}
    del document["class"]
    fall = fall_of(document, 2)
    assert len(fall.steps) == 2
    assert fall.sentence == "Together they lead from 12 to 1.235e+06."


@pytest.mark.parametrize(
    "change",
    [
        {"reasons": []},
        {"reasons": None},
        {"reasons": [{"column": "a", "value": 1}]},
        {"reasons": [{"column": "a", "value": 1, "effect": float("nan")}]},
        {"reasons": [{"column": "a", "value": 1, "effect": True}]},
        {"reasons": [{"column": "a", "value": 1, "effect": 1.0}] * 1000},
        {"base": "0"},
        {"end": float("inf")},
        {"scale": 3},
    ],
    ids=str,
)
def test_an_answer_of_another_form_has_no_picture(change):
    assert fall_of({**DOCUMENT, **change}, 7) is None
    assert reasons_of(json.dumps({"predictions": [{**DOCUMENT, **change}]}), 7) is None


@pytest.mark.parametrize("text", ["", "0.83", "[1]", '{"predictions": []}', '{"predictions": {"0": 1}}', "[" * 10**5])
def test_an_answer_without_reasons_has_no_picture(text):
    assert reasons_of(text, 7) is None
