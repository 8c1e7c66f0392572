"""The model card: what it says, who may write on it, and what leaves the console."""

import pytest

from models_app.models import Evaluation, Model
from tests.pages.evaluations import document_of, schema_of, unlabelled_document_of

TEXTS = {"intended_use": "Calls <b>customers</b> first.", "limits": "Not for prices.", "contact": "team@acme.com"}


@pytest.fixture
def measured(finished) -> Model:
    """Alice's model, evaluated, of a table that had a column left out and a finding."""
    schema = schema_of("binary") | {"features": ["plan=basic", "plan=premium", "age"], "threshold": 0.36}
    columns = [
        {"name": "plan", "kind": "category", "role": "feature", "values": ["basic", "premium"]},
        {"name": "age", "kind": "number", "role": "feature"},
        {"name": "id", "kind": "text", "role": "excluded"},
        {"name": "note", "kind": "text", "role": "excluded"},
        {"name": "outcome", "kind": "category", "role": "target"},
    ]  # fmt: skip
    schema |= {
        "columns": columns,
        "train_rows": 2400,
        "task": "binary",
        "summaries": {"age": {"min": 18.0, "max": 79.0}},
    }
    lineage = {"left_out": {"id": "It only tells the rows apart."}, "fixes": ["Blanks were stripped."], "dropped": 12}
    Model.objects.filter(pk=finished.pk).update(schema=schema, lineage=lineage, recipe={"excluded": ["note"]})
    Evaluation.objects.create(job=finished.job, status="Done", document=document_of("binary"))
    finding = {"id": "x", "level": "warn", "title": "Two columns say the same", "text": "Leave one out.", "fixes": []}
    report = {"findings": [finding], "rows": 3000, "complete": True, "etag": "", "seconds": 0.1}
    type(finished.job).objects.filter(pk=finished.job_id).update(preflight=report)
    return finished


def test_the_card_is_filled_from_what_was_measured(signed_in, vera, measured):
    page = signed_in(vera).get("/models/churn/card/").text
    assert "A probability that outcome is leaves. From 0.36 on, the label is leaves." in page
    assert "2,400 for training, 600 for the test" in page and "32.7% leaves" in page
    assert "12 rows left out" in page and "Blanks were stripped." in page
    for name, reason in (("id", "It only tells the rows apart."), ("note", "A person left it out.")):
        assert f'<dt class="mono">{name}</dt><dd>{reason}</dd>' in page
    assert "<td>18 to 79</td>" in page and "<td>basic, premium</td>" in page
    assert "0 checks passed" in page and "<dt>Two columns say the same</dt><dd>Leave one out.</dd>" in page
    assert "<b>0.8265</b>" in page and "0.7877 to 0.8587" in page and '<td class="num">0.5000</td>' in page
    assert "plan is basic" in page and "+0.0800 ± 0.0100" in page
    assert "eta 0.1, num_round 10" in page and "holdout 0, seed 0" in page and "s3://data/out/model.tar.gz" in page
    assert "invoke_endpoint" in page and "from predict import load" in page
    for sentence in ("Nobody has written what it is for.", "It names nobody to ask."):
        assert sentence in page
    assert page.count("What this card lacks") == 2
    assert 'aria-labelledby="h-card-state"' not in page  # no second landmark of the same name
    assert "It was not measured" not in page and "?edit" not in page  # vera may not write


def test_the_card_of_a_model_without_a_label_says_that_its_rows_are_those_of_its_table(signed_in, vera, measured):
    schema = Model.objects.get(pk=measured.pk).schema | {"classes": [], "label": False, "target": "", "test_rows": 0}
    Model.objects.filter(pk=measured.pk).update(algorithm="kmeans", schema=schema)
    Evaluation.objects.update(document=unlabelled_document_of("clusters"))
    browser = signed_in(vera)
    page = browser.get("/models/churn/card/").text
    assert "Measured on 600 of the 1,200 rows of the table it was trained on." in page
    assert "that training did not see" not in page and "which columns decide" not in page
    [details] = browser.get("/models/churn/card/json/").json()["evaluation_details"]
    assert details["name"] == "Rows of the training table"


def test_a_person_writes_on_it_and_the_text_is_escaped(signed_in, alice, measured):
    browser = signed_in(alice)
    assert 'name="intended_use"' in browser.get("/models/churn/card/?edit").text
    page = browser.post("/models/churn/card/text/", TEXTS, follow=True).text
    assert "Calls &lt;b&gt;customers&lt;/b&gt; first." in page and "Written by alice on " in page
    assert "Nobody has written" not in page and "Nothing is missing." in page
    assert set(Model.objects.get(name="churn").card) == {*TEXTS, "by", "at"}
    too_long = browser.post("/models/churn/card/text/", TEXTS | {"limits": "x" * 2049})
    assert too_long.status_code == 422 and 'aria-invalid="true"' in too_long.text
    assert browser.post("/models/churn/card/text/", {}).status_code == 302
    assert Model.objects.get(name="churn").card == {}


def test_only_who_may_change_the_model_writes_on_its_card(signed_in, bob, measured):
    browser = signed_in(bob)
    assert 'name="intended_use"' not in browser.get("/models/churn/card/?edit").text
    assert browser.post("/models/churn/card/text/", TEXTS).status_code == 403
    assert Model.objects.get(name="churn").card == {}


def test_the_file_fetches_nothing_and_runs_nothing(signed_in, vera, measured):
    response = signed_in(vera).get("/models/churn/card/file/")
    assert response["Content-Disposition"] == 'attachment; filename="churn-card.html"'
    assert (
        "default-src 'none'" in response["Content-Security-Policy"] and "sandbox" in response["Content-Security-Policy"]
    )
    text = response.text
    assert "A probability that outcome is leaves." in text and "@media print" in text
    for word in ("<script", "<link", "src=", "url(", "href="):
        assert word not in text


def test_the_json_is_what_sagemaker_takes(signed_in, alice, measured):
    browser = signed_in(alice)
    browser.post("/models/churn/card/text/", TEXTS)
    content = browser.get("/models/churn/card/json/").json()
    assert set(content) == {
        "model_overview", "intended_uses", "training_details", "evaluation_details", "additional_information",
    }  # fmt: skip
    assert content["model_overview"]["problem_type"] == "Binary Classification"
    assert content["intended_uses"]["risk_rating"] == "Unknown"
    details = content["training_details"]["training_job_details"]
    assert {"name": "eta", "value": "0.1"} in details["hyper_parameters"] and "training_metrics" not in details
    metrics = content["evaluation_details"][0]["metric_groups"][0]["metric_data"]
    assert metrics[0]["name"] == "auc" and metrics[0]["type"] == "number" and 0.82 < metrics[0]["value"] < 0.83
    assert metrics[0]["notes"].endswith("baseline 0.5")
    assert browser.get("/models/churn/card/json/")["Content-Disposition"].endswith('"churn-card.json"')


def test_the_card_of_a_model_that_failed_says_what_it_lacks(signed_in, alice, broken):
    page = signed_in(alice).get("/models/labels/card/").text
    for sentence in ("It was not measured on test rows.", "It cannot be called.", "Its columns are not known."):
        assert sentence in page
    assert signed_in(alice).get("/models/labels/card/json/").json()["model_overview"]["model_name"] == "labels"
