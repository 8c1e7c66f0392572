"""A trial as the page shows it: nine facts, one warning at most, an error with a person's own lines, staleness."""

import pytest
from django.utils.timezone import now

from models_app.create.own_code.form import CodeForm
from models_app.create.own_code.trial_view import trial_view
from models_app.models import Trial
from models_app.training.trial import digest_of

DEPENDS = """import pandas as pd
from sagewright import Model


class Churn(Model):
    def train(self, data: pd.DataFrame):
        x = data.drop(columns=["y"])
        self.trees = fit(pd.get_dummies(x))

    def predict(self, rows: pd.DataFrame):
        return self.trees.predict(pd.get_dummies(rows))
"""
REPORT = {
    "ok": True, "stage": "check", "memory": 184 * 1024 * 1024, "metrics": {"auc": 0.881},
    "seconds": {"start": 0.3, "train": 0.9, "save": 0.1, "predict": 0.006},
    "facts": {
        "rows": 100, "bytes": 212 * 1024, "twice": True, "loaded": True, "alone": {"same": True},
        "answers": {"count": 100, "kind": "numbers", "min": 0.02, "max": 1.0},
    },
}  # fmt: skip


def form(text: str = DEPENDS) -> CodeForm:
    return CodeForm(initial={"code_text": text, "code_entry": "churn:Churn", "data_uri": "s3://b/t.csv"})


def view(report: dict, text: str = DEPENDS, **result):
    form_ = form(text)
    trial = Trial(job_name="t", digest=digest_of(form_.spec()), ended=now(), result={"report": report, **result})
    return trial_view(trial, form_)


def facts_of(visible) -> dict[str, str]:
    return {title: value for column in visible.facts for title, value, _worry in column}


def test_nine_facts_say_how_it_went():
    context = view(REPORT)

    assert context.ok and not context.is_stale and context.warning is None
    assert context.times == "1.3 s: started 0.3, train 0.9, saved and loaded 0.1, predict 0.0"
    assert [len(column) for column in context.facts] == [3, 3, 3]
    facts = facts_of(context)
    assert facts["predict() of 100 rows"] == "6 ms"
    assert facts["Answers"] == "100 numbers, 0.02 to 1"
    assert facts["auc on the 100 rows"] == "0.8810"
    assert facts["One row as in the whole"] == "Yes"


def test_a_row_that_is_answered_otherwise_alone_is_the_warning_with_lines_and_edit():
    context = view(REPORT | {"facts": REPORT["facts"] | {"alone": {"same": False}, "twice": False}})

    assert context.warning.title == "predict() depends on the other rows"
    assert "line 8, line 11" in context.warning.text
    assert context.warning.can_fix
    assert context.marks == {8: "warn", 11: "warn"}
    assert facts_of(context)["One row as in the whole"] == "No, see line 8"


@pytest.mark.parametrize("facts, title", [
    ({"twice": False}, "predict() answers differently each time"),
    ({"loaded": False}, "The saved model is another one"),
    ({"answers": {"count": 1, "kind": "numbers", "min": 0, "max": 0}}, "predict() does not answer row by row"),
])  # fmt: skip
def test_each_other_difference_has_its_words(facts, title):
    assert view(REPORT | {"facts": REPORT["facts"] | facts}).warning.title == title


def test_an_exception_marks_the_persons_own_line():
    frames = [{"file": "churn.py", "line": 8, "function": "train", "text": "self.trees = fit(x)"}]
    error = {"type": "NameError", "message": "name 'fit' is not defined", "frames": frames, "raw": "Traceback"}

    context = view({"ok": False, "stage": "train", "error": error})

    assert (context.error.title, context.error.text) == (
        "NameError: name 'fit' is not defined", "It was raised in training.",
    )  # fmt: skip
    assert context.marks == {8: "err"}


def test_a_trial_that_took_too_long_says_where_it_was():
    frames = [{"file": "churn.py", "line": 8, "function": "train", "text": ""}]

    context = view({"ok": False, "stage": "train", "timeout": {"frames": frames}}, status="Stopped")

    assert context.error.title == "Stopped after a minute"
    assert context.error.frames == (("churn.py", 8, "train", ""),)


def test_a_job_that_never_ran_is_told_in_sagemakers_words():
    context = view({}, status="Failed", reason="ClientError: no such image\nmore", log=[])

    assert context.error.title == "ClientError: no such image"


def test_a_trial_of_other_code_marks_nothing():
    form_ = form(DEPENDS.replace("fit(", "fitted("))
    alone = REPORT | {"facts": REPORT["facts"] | {"alone": {"same": False}}}
    trial = Trial(job_name="t", digest=digest_of(form().spec()), ended=now(), result={"report": alone})

    stale = trial_view(trial, form_)

    assert stale.is_stale and stale.marks == {} and stale.warning is None
