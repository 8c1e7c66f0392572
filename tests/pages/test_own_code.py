"""Create model with your own code: it is checked and never run here, and what is typed survives."""

import io
import json
import re
import zipfile
from html import unescape
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from models_app.create import sandbox_level
from models_app.models import Draft, Model, Trial

pytestmark = pytest.mark.stack
PAGE, CHECK, TRIAL = "/models/create/", "/models/create/code/check/", "/models/create/code/trial/"
HTMX = {"HX-Request": "true"}
CHURN = """from sagewright import Model


class Churn(Model):
    def train(self, data, *, depth: int = 6, rate: float = 0.1, note: str):
        self.log(auc=0.5)

    def predict(self, rows):
        return [0] * len(rows)
"""


def answers(uri: str = "", **changed) -> dict:
    """What a browser sends of the form for a Model class."""
    filled = {
        "algorithm": "code",
        "intent": str(uuid4()),
        "name": "rule",
        "data_uri": uri,
        "code_kind": "class",
        "code_text": CHURN.replace("\n", "\r\n"),
        "code_entry": "churn:Churn",
        "code_suggested": "churn:Churn",
        "hp-depth": "7",
        "hp-rate": "0.1",
        "hp-note": "hello",
        "instance_type": "ml.m5.large",
        "max_runtime": "3600",
        "deploy_when_done": "on",
    }
    return filled | changed


def verdict(response) -> str:
    """The verdict under the editor, as text."""
    part = re.search(r'id="code-verdict".*?</div>', response.text, re.DOTALL)[0]
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", part.partition(">")[2]).split()))


def test_a_tile_leads_to_the_form(signed_in, alice):
    browser = signed_in(alice)

    assert 'href="/models/create/?algorithm=code"' in browser.get(PAGE).text
    page = browser.get(PAGE, {"algorithm": "code", "name": "rule", "data": "s3://b/t.csv"}).text

    assert 'name="code_text"' in page
    assert 'value="rule"' in page
    assert 'value="s3://b/t.csv"' in page
    assert "What the sandbox allows" in page


def test_the_check_reads_the_code_and_shows_its_hyperparameters(signed_in, alice):
    response = signed_in(alice).post(CHECK, answers(), headers=HTMX)

    assert verdict(response) == "Reads as Python. Class Churn has train and predict. 9 lines"
    assert 'id="hp-depth" name="hp-depth" value="7"' in response.text
    assert "integer" in response.text


def test_a_byte_order_mark_that_was_pasted_is_no_mistake(signed_in, alice):
    response = signed_in(alice).post(CHECK, answers(code_text=f"\ufeff{CHURN}"), headers=HTMX)

    assert verdict(response).startswith("Reads as Python.")


def test_a_line_that_does_not_parse_is_marked(signed_in, alice):
    response = signed_in(alice).post(CHECK, answers(code_text="x = (\n"), headers=HTMX)

    assert verdict(response).startswith("Line 1 Python does not parse this: '(' was never closed.")
    assert 'data-marks="1:err "' in response.text


def test_the_entry_point_follows_the_code_until_a_person_types_one(signed_in, alice):
    browser = signed_in(alice)
    renamed = CHURN.replace("Churn", "Rule")

    followed = browser.post(CHECK, answers(code_text=renamed), headers=HTMX).text
    answer = browser.post(CHECK, answers(code_text=renamed, code_suggested=""), headers=HTMX)

    assert 'name="code_entry" type="text" value="churn:Rule"' in followed
    assert verdict(answer).startswith("There is no class Churn. Name one of those that are here: Rule.")


def test_a_hyperparameter_that_is_renamed_in_the_code_leaves_nothing_behind(signed_in, alice, table):
    renamed = answers(table, code_text=CHURN.replace("depth: int = 6", "levels: int = 6"))

    response = signed_in(alice).post(PAGE, renamed)

    assert response.url == "/models/rule/"
    assert Model.objects.get().hyperparameters == {"note": "hello"}


def test_every_example_reads_well(signed_in, alice):
    browser = signed_in(alice)
    for kind in ("class", "xgboost", "sklearn"):
        page = browser.post(PAGE, answers(code_kind=kind, code_text="", do="example"))
        assert "Reads as Python." in verdict(page), kind


def test_a_container_is_answered_with_what_it_needs(signed_in, alice, table):
    browser = signed_in(alice)

    assert "train and serve" in browser.post(PAGE, answers(table, code_kind="container", do="kind")).text
    assert browser.post(PAGE, answers(table, code_kind="container")).status_code == 422


def test_code_and_data_make_a_model(signed_in, alice, table):
    response = signed_in(alice).post(PAGE, answers(table), follow=True)

    assert response.redirect_chain == [("/models/rule/", 302)]
    model = Model.objects.get()
    assert (model.algorithm, model.target) == ("code", "diagnosis")
    assert model.code == {"entry": "churn:Churn", "text": CHURN}
    assert model.hyperparameters == {"depth": "7", "note": "hello"}  # rate was left at its default
    assert "Your own code" in response.text


def test_a_form_that_is_sent_again_with_another_name_makes_no_second_model(signed_in, alice, table):
    browser, sent = signed_in(alice), answers(table)
    browser.post(PAGE, sent)
    again = browser.post(PAGE, sent | {"name": "other"}, follow=True)
    assert "Model <b>rule</b> was created from this form before." in again.text
    assert Model.objects.get().name == "rule"


def test_every_mistake_is_said_at_its_place_and_the_code_stays(signed_in, alice, table):
    sent = answers(table, code_text=CHURN.replace("def predict", "def guess"), **{"hp-depth": "deep", "hp-note": ""})

    response = signed_in(alice).post(PAGE, sent)

    assert response.status_code == 422
    wrong = re.search(r'id="form-errors".*?</div></div>', response.text, re.DOTALL)[0]
    for text in ("Churn has no predict()", "depth is a whole number", "note has no default"):
        assert text in wrong
    assert "def guess" in response.text
    assert not Model.objects.exists()


def test_a_draft_keeps_the_code(signed_in, alice):
    browser, sent = signed_in(alice), answers("s3://b/t.csv")
    browser.post("/models/create/aside/", sent, headers=HTMX)

    assert Draft.objects.get().fields["code_text"].startswith("from sagewright import Model")
    page = browser.get(PAGE, {"draft": sent["intent"]}).text

    assert "class Churn(Model):" in re.sub(r"<[^>]+>", "", page)
    assert 'id="hp-depth" name="hp-depth" value="7"' in page


def test_a_retry_starts_from_the_code_of_the_model(signed_in, alice, table):
    browser = signed_in(alice)
    browser.post(PAGE, answers(table))

    page = browser.get(PAGE, {"from": "rule"}).text

    assert 'name="code_entry" type="text" value="churn:Churn"' in page
    assert 'name="hp-depth" value="7"' in page
    assert "Nothing yet, only the name." in page


def test_a_change_of_the_code_is_named_beside_the_model_it_came_from(signed_in, alice, table):
    browser = signed_in(alice)
    browser.post(PAGE, answers(table))

    sent = answers(table, origin="rule", code_text=CHURN.replace("[0]", "[1]"))
    aside = browser.post("/models/create/aside/", sent, headers=HTMX).text

    assert "9 lines, 2 changed" in aside


def test_the_options_of_a_script_and_rows_of_ones_own_are_sent(signed_in, alice, table):
    script = (
        "import argparse, os\nparser = argparse.ArgumentParser()\nparser.add_argument('--depth', type=int, default=3)\n"
    )
    sent = answers(
        table, code_kind="sklearn", code_text=script, code_entry="train.py", code_suggested="train.py",
        **{"hpn-0": "rate", "hpv-0": "0.5", "hpt-0": "float"},
    )  # fmt: skip
    del sent["hp-note"], sent["hp-rate"]

    signed_in(alice).post(PAGE, sent)

    model = Model.objects.get()
    assert model.hyperparameters == {"depth": "7", "rate": "0.5"}
    assert model.code["types"] == {"rate": "float"}


def zipped(**files: str) -> SimpleUploadedFile:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/") + ".py", text)
    return SimpleUploadedFile("code.zip", out.getvalue(), "application/zip")


def test_an_uploaded_file_comes_into_the_editor(signed_in, alice):
    upload = SimpleUploadedFile("rules.py", CHURN.encode())

    page = signed_in(alice).post(PAGE, answers(code_text="", do="code_upload", code_file=upload))

    assert 'value="rules:Churn"' in page.text
    assert verdict(page).startswith("Reads as Python.")


def test_an_uploaded_zip_shows_its_entry_point_and_keeps_the_rest(signed_in, alice, table):
    upload = zipped(project__churn=CHURN, project__tools__help="x = 1\n")

    page = signed_in(alice).post(PAGE, answers(table, code_text="", code_entry="", do="code_upload", code_file=upload))

    assert 'value="churn:Churn"' in page.text
    assert re.search(r'name="code_archive" value="s3://[^"]+/code/code.zip"', page.text)


@pytest.mark.parametrize("name, content, text", [
    ("notes.txt", b"hello", "is neither .py nor .zip"),
    ("code.zip", b"PK\x03\x04broken", "is no zip that can be read"),
    ("latin.py", "x = 'é'".encode("latin-1"), "is not written in UTF-8"),
], ids=["text", "broken", "latin"])  # fmt: skip
def test_an_upload_that_is_no_code_is_refused_and_the_editor_stays(signed_in, alice, name, content, text):
    page = signed_in(alice).post(PAGE, answers(do="code_upload", code_file=SimpleUploadedFile(name, content)))

    assert text in page.text
    assert "Class" in verdict(page)


def test_view_as_code_is_the_class_itself(signed_in, alice, table):
    text = signed_in(alice).post("/models/create/code/", answers(table), headers=HTMX).text

    assert "create_training_job" in text
    assert "sagemaker_program" in text


def test_a_trial_needs_data(signed_in, alice):
    page = signed_in(alice).post(TRIAL, answers(), headers=HTMX).text

    assert "Choose the training data first" in page
    assert not Trial.objects.exists()


def test_on_aws_the_trial_is_said_to_be_billed_and_the_sandbox_is_a_container(signed_in, alice, settings):
    settings.BACKEND = "aws"
    sandbox_level.level.cache_clear()
    try:
        page = signed_in(alice).get(PAGE, {"algorithm": "code"}).text
    finally:
        sandbox_level.level.cache_clear()

    assert "AWS bills it as any other" in page
    assert "Runs in a container of its own" in page
    assert "No network" not in page


def test_where_own_code_is_off_the_form_says_who_turns_it_on(signed_in, alice, table, monkeypatch):
    monkeypatch.setattr("models_app.create.code_checks.is_allowed", lambda: False)

    response = signed_in(alice).post(PAGE, answers(table))

    assert response.status_code == 422
    assert "SAGEWRIGHT_OWN_CODE=on" in response.text
    assert not Model.objects.exists()


def test_a_fix_of_a_failed_job_is_filled_into_the_form_of_its_code(signed_in, alice, table):
    browser = signed_in(alice)
    browser.post(PAGE, answers(table))

    page = browser.get(
        PAGE, {"from": "rule", "fix": json.dumps({"label": "x", "changes": {"max_runtime": 86400}})}
    ).text

    assert '<option value="86400" selected>' in page
    assert "class Churn(Model):" in re.sub(r"<[^>]+>", "", page)


def test_a_viewer_may_not_use_any_of_it(signed_in, vera):
    browser = signed_in(vera)

    assert browser.get(PAGE, {"algorithm": "code"}).status_code == 403
    assert [browser.post(url, answers(), headers=HTMX).status_code for url in (CHECK, TRIAL)] == [403, 403]
