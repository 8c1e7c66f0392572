"""The causes of failures: every real message is called what it is, and none is called what it is not."""

import re
import tomllib
from pathlib import Path

import pytest

from models_app.create import options
from models_app.create.form import CreateForm
from models_app.text import failure_causes
from models_app.text.failure_causes import MAX_TEXT, MAX_VALUE, Cause, find
from models_app.text.failures import explain

TABLES = Path(__file__).parent / "failure_messages"


def table(name: str) -> list[dict[str, str]]:
    return tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))["message"]


NAMES = (
    "written", "held_out", "held_out_again", "held_out_third", "held_out_fourth", "held_out_fifth", "ordinary",
    "ordinary_again", "ordinary_third",
)  # fmt: skip
MESSAGES = [message for name in NAMES for message in table(name)]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: f"{message['cause']}-{message['source']}")
def test_a_real_message_has_its_cause(message):
    match = find(message["text"])

    assert (match.cause.id if match else "") == message["cause"]


def test_the_tables_are_as_large_as_they_must_be():
    assert len(MESSAGES) >= 120 and len(table("held_out")) >= 40
    assert len(failure_causes.causes()) >= 60
    assert len({message["text"] for message in MESSAGES}) == len(MESSAGES)


def test_ids_are_unique():
    ids = [cause.id for cause in failure_causes.causes()]

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("cause", failure_causes.causes(), ids=lambda cause: cause.id)
def test_every_word_of_a_cause_can_be_filled_in(cause: Cause):
    groups = {name for pattern in cause.patterns for name in re.findall(r"\(\?P<(\w+)>", pattern)}
    texts = [cause.headline, cause.why, *(text for fix in cause.fixes for text in (fix.text, *fix.changes))]
    values = dict.fromkeys(groups, "x")

    assert {name for text in texts for name in re.findall(r"%\((\w+)\)s", text)} <= groups
    assert cause.words(cause.headline, values) and cause.words(cause.why, values)
    assert all(fix.label and fix.text for fix in cause.fixes_for(values))


@pytest.mark.parametrize("cause", failure_causes.causes(), ids=lambda cause: cause.id)
def test_every_fix_changes_the_form(cause: Cause):
    for fix in cause.fixes_for({"name": "eta", "column": "2"}):
        changes = options.resolve(fix.changes, "ml.m5.large")
        form = CreateForm(initial={"algorithm": "xgboost"}, values={"eta": "7", "num_round": "5"})
        fixed = form.with_fix(changes)
        assert not changes or fixed is not form, "the form does not know what it changes"


def test_as_much_of_a_message_is_searched_and_quoted_as_may_be():
    hostile = "label must be in [0, num_class" + "num_class=1" * 50_000

    assert find(hostile) is None
    assert find("x" * MAX_TEXT + " CUDA out of memory") is None
    (long,) = [v for v in find("could not convert string to float: '" + "y" * 3000 + "'").values.values() if v]
    assert len(long) == MAX_VALUE


def test_values_of_a_message_are_no_templates():
    failure = explain("could not convert string to float: '%(row)s {0} %s'")

    assert failure.place.value == "%(row)s {0} %s"


@pytest.mark.parametrize("raw, headline", [
    ("AlgorithmError: exit code: 3", "Stopped with exit code 3"),
    ("AlgorithmError: Exit Code: 1", "Stopped with exit code 1"),
    ("ClientError: The moon was full. Nobody knows why., exit code: 1", "The moon was full."),
    ("AlgorithmError: framework error: \nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\n"
     "foo.OddError: seven is odd", "foo.OddError: seven is odd"),
    ("An error occurred (ValidationException) when calling the CreateTrainingJob operation: Odd. Even.", "Odd."),
])  # fmt: skip
def test_the_least_that_is_shown_is_the_first_sentence(raw, headline):
    failure = explain(raw)

    assert failure.headline == headline
    assert (failure.cause, failure.fixes) == ("", [])


def test_the_log_is_read_where_the_reason_says_nothing():
    log = ["starting", "ERROR something odd", "Traceback (most recent call last):", "KeyError: 'age'", "exit"]

    failure = explain("AlgorithmError: Exit Code: 1", log)

    assert (failure.cause, failure.quote) == ("key-missing", "KeyError: 'age'")


def test_the_log_does_not_overrule_a_reason_that_says_something():
    failure = explain("ClientError: Seven is odd.", ["Error: CUDA out of memory"])

    assert (failure.headline, failure.cause, failure.quote) == ("Seven is odd.", "", "Error: CUDA out of memory")


def test_an_unknown_cause_shows_the_first_line_of_the_log_with_an_error():
    failure = explain("AlgorithmError: Exit Code: 1", ["fine", "ERROR first", "ERROR second"])

    assert (failure.cause, failure.quote) == ("", "ERROR first")


def test_a_message_leads_to_its_place():
    text = "ClientError: Non-numeric value 'red' found in line 12, column 3 of file 'train.csv'. XGBoost does not"

    place = explain(text).place

    assert (place.file, place.line, place.column, place.value) == ("train.csv", 12, "3", "red")
