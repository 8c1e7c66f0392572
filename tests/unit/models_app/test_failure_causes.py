"""The causes of failures: every real message is called what it is, and none is called what it is not."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from models_app.create import options
from models_app.create.form import CreateForm
from models_app.text import failure_causes
from models_app.text.failure_categories import categories, find_category
from models_app.text.failure_causes import find, find_likely
from models_app.text.failures import explain
from models_app.text.pattern_set import MAX_TEXT, MAX_VALUE
from tests.failure_score import verdict

TABLES = Path(__file__).parent / "failure_messages"


def table(name: str) -> list[dict[str, str]]:
    return tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))["message"]


NAMES = (
    "written", "held_out", "held_out_again", "held_out_third", "held_out_fourth", "held_out_fifth", "ordinary",
    "ordinary_again", "ordinary_third",
)  # fmt: skip
BY_LEVELS = ("ninth", "tenth", "eleventh", "twelfth")  # labelled by README.md, which knows categories
MESSAGES = [message for name in NAMES for message in table(name)]


@pytest.mark.parametrize("name", NAMES)
def test_real_messages_have_their_cause(name):
    messages = [(match.cause.id if (match := find(message["text"])) else "", message) for message in table(name)]

    assert [(cause, message) for cause, message in messages if cause != message["cause"]] == []


@pytest.mark.parametrize("name", BY_LEVELS)
def test_rarer_messages_have_at_least_their_category_and_none_a_wrong_cause(name):
    worth = Counter(verdict(message, explain(message["text"])) for message in table(name))

    assert worth["confidently wrong"] == 0
    assert worth["right"] >= 0.85 * worth.total()


def test_the_tables_are_as_large_as_they_must_be():
    assert len(MESSAGES) >= 120 and len(table("held_out")) >= 40
    assert len(failure_causes.causes()) >= 60
    assert len({message["text"] for message in MESSAGES}) == len(MESSAGES)


def test_ids_are_unique():
    ids = [cause.id for cause in failure_causes.causes()]

    assert len(set(ids)) == len(ids)


def test_every_word_of_a_cause_can_be_filled_in():
    for cause in failure_causes.causes():
        groups = {name for pattern in cause.patterns + cause.likely for name in re.findall(r"\(\?P<(\w+)>", pattern)}
        texts = [cause.headline, cause.why, *(text for fix in cause.fixes for text in (fix.text, *fix.changes))]
        values = dict.fromkeys(groups, "x")

        assert {name for text in texts for name in re.findall(r"%\((\w+)\)s", text)} <= groups, cause.id
        assert cause.words(cause.headline, values) and cause.words(cause.why, values)
        assert all(fix.label and fix.text for fix in cause.fixes_for(values))


def test_what_a_headline_names_is_in_what_makes_it_likely():
    for cause in failure_causes.causes():
        named = re.findall(r"%\((\w+)\)s", cause.headline)
        for pattern in cause.likely:
            assert not named or any(f"(?P<{name}>" in pattern for name in named), (cause.id, pattern)


def test_every_fix_changes_the_form():
    form = CreateForm(initial={"algorithm": "xgboost"}, values={"eta": "7", "num_round": "5"})
    for cause in failure_causes.causes():
        for fix in cause.fixes_for({"name": "eta", "column": "2"}):
            changes = options.resolve(fix.changes, "ml.m5.large")
            assert not changes or form.with_fix(changes) is not form, "the form does not know what it changes"


def test_as_much_of_a_message_is_searched_and_quoted_as_may_be():
    hostile = "label must be in [0, num_class" + "num_class=1" * 50_000

    assert find(hostile) is None
    assert find("x" * MAX_TEXT + " CUDA out of memory") is None
    assert find_likely("[0, num_class" * 50_000) is find_category("num_class" * 50_000) is None
    (long,) = [v for v in find("could not convert string to float: '" + "y" * 3000 + "'").values.values() if v]
    assert len(long) == MAX_VALUE


def test_values_of_a_message_are_no_templates():
    failure = explain("could not convert string to float: '%(row)s {0} %s'")

    assert failure.location.value == "%(row)s {0} %s"


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


@pytest.mark.parametrize("raw, cause, category, headline", [
    ("ValueError: Shape of passed values is (2, 3), indices imply (2, 4)", "shapes-differ", "", "Arrays do not fit"),
    ("AlgorithmError: framework error: \nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\n"
     "NotImplementedError: a step of the loop", "", "code", "NotImplementedError: a step of the loop"),
    ("ClientError: The DNS server of the moon timed out., exit code: 1", "", "network", "The DNS server of the moon"),
])  # fmt: skip
def test_what_is_less_certain_says_so(raw, cause, category, headline):
    failure = explain(raw)

    assert (failure.cause, failure.category, failure.likely) == (cause, category, bool(cause))
    assert failure.headline.startswith(headline) and failure.fixes and not failure.presses
    assert bool(failure.category_name) == bool(category)


def test_what_is_known_in_the_log_counts_before_what_is_likely():
    log = [
        "ERROR: out of disk space",
        "Traceback (most recent call last):",
        "NotImplementedError: a step of the loop",
    ]

    assert explain("AlgorithmError: Exit Code: 1", log).cause == "disk-full"
    failure = explain("AlgorithmError: Exit Code: 1", log[1:])
    assert (failure.category, failure.quote) == ("code", log[2])


def test_what_may_follow_from_another_error_counts_after_it():
    log = ["ERROR: out of disk space", "AttributeError: 'NoneType' object has no attribute 'close'"]

    assert explain("AlgorithmError: Exit Code: 1", log).cause == "disk-full"
    assert explain("AlgorithmError: Exit Code: 1", log[1:]).cause == "value-none"


def test_every_sign_tells_a_category_that_there_is():
    for text in ("KeyboardInterrupt", "[Errno 5]", "nvidia", "AssertionError"):
        assert find_category(text) in categories().values()
    assert find_category("mpirun failed with exit code 230") is None


def test_a_message_leads_to_its_location():
    text = "ClientError: Non-numeric value 'red' found in line 12, column 3 of file 'train.csv'. XGBoost does not"

    location = explain(text).location

    assert (location.file, location.line, location.column, location.value) == ("train.csv", 12, "3", "red")
