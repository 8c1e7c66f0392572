"""The Evaluation page: what it says in every state, and that it is drawn from the evaluation's document."""

import json
import re
from types import SimpleNamespace

import pytest

from evaluation.predictions import write_csv
from models_app.catalog import evaluating, inputs, named_tables, threshold
from models_app.endpoints import request_form
from models_app.models import Evaluation, TrainingJob
from tests.pages.evaluations import document_of, schema_of, table_of

PAGE = "/models/churn/evaluation/"
KINDS = ("binary", "multiclass", "regression")


@pytest.fixture
def evaluated(finished):
    """Alice's model with an evaluation of one kind."""

    def evaluate(kind: str) -> Evaluation:
        finished.schema = schema_of(kind)
        finished.save()
        return Evaluation.objects.create(
            job=finished.job, status="Done", document=document_of(kind), predictions_uri="s3://b/e/predictions.csv"
        )

    return evaluate


def words(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page).split())


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_shows_figures_with_interval_and_baseline_and_its_data(signed_in, vera, evaluated, kind):
    evaluation = evaluated(kind)
    page = signed_in(vera).get(PAGE).text
    figure = evaluation.document["metrics"][0]
    assert "Measured on <b>600 rows</b> that training never saw" in page
    assert f"{figure['value']:.3f}"[:4] in page and "Baseline" in page
    assert page.count('<svg class="plot') == page.count("<figcaption")
    assert 'style="' not in page and "plan is basic" in page and "Rows it gets most wrong" in page
    assert "Evaluate again" not in page  # a viewer changes nothing


def test_rows_of_a_validation_channel_are_not_said_to_be_unseen(signed_in, vera, evaluated):
    evaluation = evaluated("binary")
    TrainingJob.objects.filter(pk=evaluation.job_id).update(external=True)
    page = words(signed_in(vera).get(PAGE).text)
    assert "600 rows of the job's validation channel" in page.replace("&#x27;", "'") and "never saw" not in page


def test_the_threshold_of_the_address_moves_every_number_of_the_card(signed_in, vera, evaluated):
    steps = {step[0]: step[1:] for step in evaluated("binary").document["thresholds"]}
    browser = signed_in(vera)
    for at in (0.2, 0.5, 0.83):
        tp, fp, fn, tn = steps[at]
        page = words(browser.get(f"{PAGE}?threshold={at}").text)
        assert f"At {at:.2f} the model takes {tp + fp} of 600 rows for “leaves”. It finds {tp} of {tp + fn}" in page
        for count, word in ((tp, "found"), (fp, "false alarms"), (fn, "missed"), (tn, "right")):
            of = tp + fn if word in ("found", "missed") else fp + tn
            assert f"{count} {100 * count / of:.1f}% {word}" in page
    for nonsense in ("x", "nan", "inf", "-1e99", ""):
        assert browser.get(f"{PAGE}?threshold={nonsense}").status_code == 200


def test_costs_choose_the_threshold_with_the_lowest_cost(signed_in, vera, evaluated):
    document = evaluated("binary").document
    browser = signed_in(vera)
    assert "Say what each kind of mistake costs" in browser.get(PAGE).text
    page = browser.get(f"{PAGE}?false_alarm=14&missed=60&threshold=0.5").text
    costs = {t: 14 * fp + 60 * fn for t, _tp, fp, fn, _tn in document["thresholds"]}
    lowest = min(costs, key=lambda t: (costs[t], abs(t - 0.5)))
    assert f"Lowest cost {lowest:.2f}" in page and f"At 0.50 mistakes cost {costs[0.5]:,}" in page
    assert f"mistakes cost {costs[lowest]:,}, the lowest" in browser.get(
        f"{PAGE}?false_alarm=14&missed=60&threshold={lowest}"
    ).text.replace("&#x27;", "'")
    assert "Lowest cost" not in browser.get(f"{PAGE}?false_alarm=a&missed=-1").text


@pytest.fixture
def stored(monkeypatch):
    """What was written to S3 instead: uri -> document."""
    documents = {}
    monkeypatch.setattr(threshold, "put_json", lambda store, uri, document: documents.update({uri: document}))
    return documents


def test_a_threshold_is_kept_with_the_model_and_taken_back(signed_in, alice, vera, evaluated, stored):
    model = evaluated("binary").job.model
    own, browser = dict(model.schema), signed_in(alice)
    page = words(browser.get(f"{PAGE}?threshold=0.36").text)
    assert "Labels follow the model's own threshold, 0.50" in page.replace("&#x27;", "'") and "Use 0.36" in page
    page = words(browser.post("/models/churn/threshold/", {"threshold": "0.36"}, follow=True).text)
    assert "labels by the threshold 0.36 from now on" in page and "Labels follow 0.36 , which is kept" in page
    assert "At 0.36 the model takes" in page  # where the page begins from now on
    model.refresh_from_db()
    assert model.schema == own | {"threshold": 0.36} and list(stored.values()) == [model.schema]
    assert model.own_schema == own
    assert "Use 0.5" not in words(signed_in(vera).get(f"{PAGE}?threshold=0.5").text)
    assert "Use 0.50" in words(browser.get(f"{PAGE}?threshold=0.5").text)
    browser.post("/models/churn/threshold/")
    model.refresh_from_db()
    assert model.schema == own and list(stored.values()) == [own]


@pytest.mark.parametrize("text", ["x", "nan", "1.2", "-0.1", "inf"])
def test_nonsense_is_no_threshold(signed_in, alice, evaluated, stored, text):
    model = evaluated("binary").job.model
    page = signed_in(alice).post("/models/churn/threshold/", {"threshold": text}, follow=True).text
    model.refresh_from_db()
    assert "Enter a threshold from 0 to 1." in page and "threshold" not in model.schema and not stored


def test_only_the_owner_keeps_a_threshold_and_only_of_two_classes(signed_in, alice, bob, vera, evaluated, stored):
    evaluated("regression")
    for user in (bob, vera):
        assert signed_in(user).post("/models/churn/threshold/", {"threshold": "0.3"}).status_code == 403
    page = signed_in(alice).post("/models/churn/threshold/", {"threshold": "0.3"}, follow=True).text
    assert "Only a model of two classes" in page and not stored


def test_the_test_form_labels_by_the_threshold_and_says_so(evaluated):
    schema = evaluated("binary").job.model.schema | {"algorithm": "xgboost"}
    assert request_form.read(schema, "0.4").headline == "stays"
    answer = request_form.read(schema | {"threshold": 0.36}, "0.4")
    assert answer.headline == "leaves" and "threshold 0.36" in answer.note and round(answer.share) == 40


def test_an_evaluation_measures_the_artifact_by_its_own_threshold(evaluated, tmp_path, monkeypatch):
    job = evaluated("binary").job
    job.model.schema |= {"threshold": 0.36}
    monkeypatch.setattr(inputs, "download", lambda uri, path, check: None)
    monkeypatch.setattr(inputs.s3_store, "locate", lambda uri: SimpleNamespace(objects=[]))
    claim = SimpleNamespace(row=SimpleNamespace(on=""), check=lambda: None)
    inputs.fill(tmp_path, job, job.model, claim, evaluating.EVALUATION)
    assert "threshold" not in json.loads((tmp_path / "schema.json").read_text())


def test_moving_the_slider_gets_the_part_and_keeps_the_address(signed_in, vera, evaluated):
    evaluated("binary")
    headers = {"HX-Request": "true", "HX-Trigger": "decision", "HX-Target": "thr-say"}
    part = signed_in(vera).get(f"{PAGE}?threshold=0.36", headers=headers)
    assert part["HX-Replace-Url"].endswith("?threshold=0.36") and "<html" not in part.text
    assert all(
        f'id="{name}"' in part.text for name in ("thr-say", "thr-value", "thr-matrix", "axes-scores", "axes-roc")
    )


def test_the_matrix_links_to_the_rows_of_each_cell_and_shows_what_is_asked_for(signed_in, vera, evaluated):
    matrix = evaluated("multiclass").document["matrix"]
    browser = signed_in(vera)
    page = browser.get(PAGE).text
    assert "?actual=red&amp;predicted=green" in page and "Mix-ups that matter" in page
    count, of_class = matrix["rows"][0][1], matrix["actual"][0]
    assert f">{count}<span>{100 * count / of_class:.0f}%</span>" in page
    assert f">{count}</a>" in browser.get(f"{PAGE}?cells=counts").text
    worst = words(browser.get(f"{PAGE}?order=worst").text)
    assert worst.index("Most often mistaken for") < len(worst)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"status": "InProgress"}, "When training completes, the model is evaluated by itself"),
        ({"status": "Failed"}, "Its training did not complete"),
        ({}, "No rows were held out for a test"),
    ],
    ids=["training", "failed", "no test rows"],
)
def test_without_an_evaluation_the_page_says_why_and_what_to_do(signed_in, alice, finished, changes, says):
    finished.schema |= {"label": True}
    finished.save()
    TrainingJob.objects.update(**changes)
    page = signed_in(alice).get(PAGE).text
    assert says in page and 'class="empty' in page and "btn" in page


def test_a_model_from_before_is_evaluated_by_a_press_of_its_owner(signed_in, alice, bob, vera, finished):
    finished.schema = schema_of("binary")
    finished.save()
    assert "Evaluate now" in signed_in(alice).get(PAGE).text
    assert "Evaluate now" not in signed_in(vera).get(PAGE).text
    assert signed_in(bob).post("/models/churn/evaluate/").status_code == 403
    response = signed_in(alice).post("/models/churn/evaluate/", follow=True)
    assert Evaluation.objects.get().status == "Queued"
    assert "Evaluating on the test rows" in response.text and 'hx-trigger="live:job-' in response.text


def test_a_failed_evaluation_says_why_and_can_be_repeated(signed_in, alice, finished):
    finished.schema = schema_of("binary")
    finished.save()
    Evaluation.objects.create(job=finished.job, status="Failed", failure="Unable to load model: it is a pickle.")
    page = signed_in(alice).get(PAGE).text
    assert "Unable to load model: it is a pickle." in page and "Evaluate again" in page
    assert "The test rows are sent to its endpoint instead." in page


def test_rows_of_a_group_that_is_not_there_are_gone(signed_in, vera, evaluated):
    evaluated("binary")
    for number in ("99", "x", "-1", "٣"):
        assert signed_in(vera).get(f"{PAGE}rows/?group={number}").status_code == 404
    Evaluation.objects.all().delete()
    assert signed_in(vera).get(f"{PAGE}rows/?group=0").status_code == 404


@pytest.mark.stack
def test_rows_of_a_group_and_of_a_cell_are_read_from_the_table_of_predictions(signed_in, vera, evaluated, lake):
    evaluation = evaluated("multiclass")
    table = table_of("multiclass")
    Evaluation.objects.update(predictions_uri=lake.put("predictions.csv", write_csv(table)))
    page = words(signed_in(vera).get(f"{PAGE}rows/?actual=red&predicted=blue").text)
    count = len(table.filter((table["label"] == "red") & (table["prediction"] == "blue")))
    assert f"red predicted as blue {count} rows." in page
    group = evaluation.document["slices"]["groups"][0]
    page = words(signed_in(vera).get(f"{PAGE}rows/?group=0").text)
    assert "Test rows where plan is basic" in page and f"{group['rows']} rows." in page


def test_both_pages_of_a_model_lead_to_each_other(signed_in, vera, finished):
    assert f'href="{PAGE}"' in signed_in(vera).get("/models/churn/").text
    assert 'href="/models/churn/" ' in signed_in(vera).get(PAGE).text.replace('"/models/churn/">', '"/models/churn/" ')


@pytest.mark.parametrize("kind", KINDS)
def test_the_explanation_names_the_columns_that_matter_and_their_direction(signed_in, vera, evaluated, kind):
    evaluated(kind)
    page = signed_in(vera).get("/models/churn/explain/").text
    assert "plan decides most" in page and "+0.08" in page and "600 test rows, each column shuffled 5 times" in page
    assert page.count('<svg class="plot') == page.count("<figcaption") == 2 and 'style="' not in page
    assert "at basic" in words(page) and "at 80" in words(page)


def test_an_evaluation_without_an_explanation_says_what_to_do(signed_in, alice, vera, evaluated):
    evaluation = evaluated("binary")
    for explain, says in ((None, "from before columns were explained"), ({"problem": "a row is too wide"}, "too wide")):
        Evaluation.objects.update(document=evaluation.document | {"explain": explain})
        assert says in signed_in(alice).get("/models/churn/explain/").text
        assert "Evaluate again" not in signed_in(vera).get("/models/churn/explain/").text


def test_numbers_are_short_told_apart_and_dates_are_dates(signed_in, vera, evaluated):
    evaluation = evaluated("regression")
    doses = {"column": "dose", "is_number": False, "values": [0.1000000014901161, 0.30000001192092896]}
    years = {"column": "born", "is_number": False, "values": [20230001.0, 20230002.0]}
    visit = {"column": "visit", "is_number": True, "values": [0, 86400, 864000]}
    visit["texts"] = ["1970-01-01", "1970-01-02", "1970-01-11"]
    answers = {2: [[1.0], [2.0]], 3: [[1.0], [2.0], [4.0]]}
    drawn = [entry | {"answers": answers[len(entry["values"])]} for entry in (doses, years, visit)]
    evaluation.document["explain"]["dependence"] = drawn
    evaluation.save()
    page = words(signed_in(vera).get("/models/churn/explain/").text)
    assert "from 1 at 0.1 to 2 at 0.3." in page and "from 1 at 20230001 to 2 at 20230002." in page
    assert "from 1 at 1970-01-01 to 4 at 1970-01-11." in page and "864000" not in page


NEW = "s3://data-lake/newer rows.csv"


@pytest.fixture
def on_table(evaluated):
    """An evaluation on a table that Alice named, beside that of the test rows."""
    evaluation = evaluated("binary")
    on = {"uri": NEW, "is_training": False, "is_whole": True, "left_out": 1, "why": "row 7: why"}
    document = document_of("binary") | {"on": on, "test_rows": 601}
    return Evaluation.objects.create(
        job=evaluation.job, on=NEW, status="Done", document=document, predictions_uri="s3://b/e/2/predictions.csv"
    )


def test_a_named_table_has_its_own_page_and_links_lead_back_to_it(signed_in, alice, vera, on_table):
    text = signed_in(vera).get(PAGE).text
    assert "newer rows.csv" in text and "never saw" in text and "Evaluate on another table" not in text
    page = signed_in(alice).get(PAGE, {"on": NEW}).text
    assert f"Measured on 600 rows of {NEW}. 1 row cannot be read" in words(page) and "never saw" not in page
    assert "group=0&amp;on=s3%3A%2F%2Fdata-lake%2Fnewer%20rows.csv" in page
    assert page.count(f'<input type="hidden" name="on" value="{NEW}">') >= 3  # the slider, again, remove
    assert TrainingJob.objects.get().evaluation.on == ""
    Evaluation.objects.filter(on="").delete()
    assert TrainingJob.objects.get().evaluation is None  # card, drift and comparison are of the model's own rows
    other = words(signed_in(alice).get(PAGE, {"on": "s3://data-lake/other.csv"}).text)
    assert "Not evaluated on this table" in other and "Evaluate on another table" in other


def test_naming_a_table_starts_its_evaluation_and_an_error_is_said(signed_in, alice, bob, on_table, monkeypatch):
    monkeypatch.setattr(named_tables.s3_store, "locate", lambda uri: None)
    TrainingJob.objects.update(status="Completed", artifact="s3://b/model.tar.gz")
    browser = signed_in(alice)
    answer = browser.post("/models/churn/evaluate/", {"on": "s3://data-lake/b.csv"})
    assert answer["Location"] == f"{PAGE}?on=s3%3A%2F%2Fdata-lake%2Fb.csv"
    assert Evaluation.objects.get(on="s3://data-lake/b.csv").status == "Queued"
    assert "Evaluating on b.csv" in browser.get(answer["Location"]).text
    page = words(browser.post("/models/churn/evaluate/", {"on": "c.csv"}, follow=True).text)
    assert "c.csv is not an S3 address. Write it as s3://bucket/key." in page
    assert signed_in(bob).post("/models/churn/evaluate/", {"on": "s3://data-lake/d.csv"}).status_code == 403


def test_an_evaluation_on_a_table_is_removed_with_its_files(signed_in, alice, bob, on_table, monkeypatch):
    deleted: list[str] = []
    monkeypatch.setattr(named_tables.left_in_s3, "delete", deleted.extend)
    address = "/models/churn/evaluation/remove/"
    assert signed_in(bob).post(address, {"on": NEW}).status_code == 403
    browser = signed_in(alice)
    browser.post(address, {"on": ""})
    assert Evaluation.objects.count() == 2
    Evaluation.objects.filter(on=NEW).update(status="Running")  # on another's page it is done
    page = browser.post(address, {"on": NEW}, follow=True).text
    assert "Remove the evaluation when that is done." in page and not deleted and Evaluation.objects.count() == 2
    Evaluation.objects.filter(on=NEW).update(status="Done")
    page = browser.post(address, {"on": NEW}, follow=True).text
    assert f"The evaluation on {NEW} is removed." in page and deleted == ["s3://b/e/2/"]
    assert Evaluation.objects.get().on == ""
