"""The model page: while it trains, when it answers, when it failed; and who may do what."""

import json
import re
from html import unescape
from urllib.parse import quote

import pytest
from django.utils.timezone import now

from models_app.endpoints.request_form import read
from models_app.models import Endpoint, MetricPoint, Model, TrainingJob
from models_app.sync import metrics
from preflight import Finding, Report

HTMX = {"HX-Request": "true"}


@pytest.fixture
def running(alice) -> Model:
    """Alice's model in the middle of its training."""
    model = Model.objects.create(name="fresh", owner=alice, algorithm="xgboost", data_uri="s3://data/t.csv")
    model.job = TrainingJob.objects.create(
        name="fresh-0001",
        model=model,
        owner=alice,
        status="InProgress",
        started=now(),
        algorithm="xgboost",
        hyperparameters={"num_round": "100"},
        progress={"round": 40},
    )
    model.save()
    return model


def test_a_model_that_trains_follows_itself(signed_in, vera, running):
    page = signed_in(vera).get("/models/fresh/").text
    assert f"live:model-{running.pk} from:body, live:job-{running.job_id} from:body, every 3s" in page
    assert f'data-topics="model-{running.pk},job-{running.job_id}"' in page or "model-" in page
    assert "Round 40 of 100" in page
    assert "Stop training" not in page  # a viewer looks only


def test_htmx_gets_the_live_parts_and_no_form(signed_in, alice, finished):
    part = signed_in(alice).get("/models/churn/", headers=HTMX).text
    assert "<html" not in part
    assert 'id="model-head"' in part and 'id="endpoint-card"' in part
    assert 'id="model-test"' not in part


def test_a_model_that_is_done_asks_no_more(signed_in, alice, finished):
    assert "every 3s" not in signed_in(alice).get("/models/churn/").text


def test_a_page_without_a_form_to_disturb_is_renewed_when_all_is_done(signed_in, alice, finished):
    browser = signed_in(alice)
    again = "load delay:300ms"
    assert again in browser.get("/models/churn/", headers=HTMX | {"X-Test-Form": "no"}).text
    assert again not in browser.get("/models/churn/", headers=HTMX | {"X-Test-Form": "yes"}).text
    assert again not in browser.get("/models/churn/").text


def test_what_follows_test_rows_does_not_take_the_renewal_away(signed_in, alice, finished):
    finished.schema |= {"test_rows": 57, "validation_rows": 114, "train_rows": 398, "label": True}
    finished.save()
    follows, browser = 'hx-select="#model-test-metrics"', signed_in(alice)
    assert follows not in browser.get("/models/churn/", headers=HTMX | {"X-Test-Form": "no"}).text
    assert follows in browser.get("/models/churn/", headers=HTMX | {"X-Test-Form": "yes"}).text
    assert follows in browser.get("/models/churn/").text


def test_a_deployed_model_shows_endpoint_form_code_and_log(signed_in, alice, finished):
    page = signed_in(alice).get("/models/churn/").text
    assert "Delete endpoint" in page and "/endpoints/churn/delete/" in page
    assert '<label class="label" for="f0">age</label>' in page
    assert "invoke_endpoint" in page
    assert 'id="L3"' in page and "round &lt;3&gt;" in page
    assert "Validation AUC" in page
    assert "model.tar.gz" in page


def test_the_test_rows_lead_and_stand_beside_the_validation_figures(signed_in, alice, finished):
    finished.schema |= {"test_rows": 57, "validation_rows": 114, "train_rows": 398, "label": True}
    finished.save()
    page = signed_in(alice).get("/models/churn/").text
    assert "57 rows are kept apart. They are measured when the endpoint is in service." in page
    figures = [{"name": "auc", "value": 0.66, "low": 0.51, "high": 0.79}]
    TrainingJob.objects.update(test_figures={"rows": 57, "figures": figures})
    page = signed_in(alice).get("/models/churn/").text
    assert "On 57 rows kept apart, which neither stopped the training nor chose the model." in page
    assert "Test AUC" in page and "0.5100–0.7900, on 57 rows" in page
    cells = re.search(r'<th scope="row">AUC</th>(.*?)</tr>', page)[1]
    assert re.findall(r"[\d.–]+", re.sub("<[^>]*>", " ", cells)) == ["0.6900", "0.6600", "0.5100–0.7900"]


def test_the_figure_of_the_folds_stands_with_its_interval_and_in_no_curve(signed_in, alice, finished):
    finished.schema |= {"test_rows": 57, "label": True}
    finished.save()
    TrainingJob.objects.update(
        test_figures={"rows": 57, "figures": [{"name": "auc", "value": 0.7, "low": 0.6, "high": 0.8}]}
    )
    line = "5 folds of 512 rows: logloss 0.412000 +- 0.021000 after 31 rounds, their best mean."
    MetricPoint.objects.bulk_create(metrics.read(finished.job, [line]))
    page = signed_in(alice).get("/models/churn/").text
    assert "5-fold Log loss of the training and validation rows: 0.4120 (0.3910–0.4330)." in page
    assert "folds:" not in page and "folds_margin" not in page


def test_the_code_is_shown_in_the_language_asked_for(signed_in, alice, finished):
    assert "--aws-sigv4" in signed_in(alice).get("/models/churn/?code=curl").text


def test_lines_are_found_in_the_log(signed_in, alice, finished):
    page = signed_in(alice).get("/models/churn/?find=[2]").text
    assert 'is-at" id="L2"' in page and "1 of 1 line that holds “[2]”" in page


@pytest.mark.stack
def test_an_endpoint_that_is_gone_is_said_in_the_answer(signed_in, alice, finished, lake):
    response = signed_in(alice).post("/models/churn/", {"f0": "40"}, headers=HTMX)
    assert "<html" not in response.text
    assert "no endpoint churn in service" in response.text


def test_a_row_that_cannot_be_sent_is_said_in_words(signed_in, alice, finished):
    response = signed_in(alice).post("/models/churn/", {"f0": "forty"})
    assert "age must be a number" in response.text
    assert 'value="forty"' in response.text


def test_a_viewer_sees_the_code_but_sends_nothing(signed_in, vera, finished):
    page = signed_in(vera).get("/models/churn/").text
    assert "invoke_endpoint" in page and "Send request" not in page
    assert signed_in(vera).post("/models/churn/", {"f0": "40"}).status_code == 403


def test_a_failed_model_says_why_and_how_to_go_on(signed_in, alice, broken):
    page = signed_in(alice).get("/models/labels/").text
    assert "text where a number belongs" in page
    assert "/models/create/?from=labels" in page
    assert "Original error message" in page and "exit code: 1" in page


def test_a_trained_model_without_endpoint_can_be_deployed(signed_in, alice, finished):
    Endpoint.objects.all().delete()
    assert 'action="/models/churn/deploy/"' in signed_in(alice).get("/models/churn/").text


def test_deleting_asks_first(signed_in, alice, finished):
    browser = signed_in(alice)
    assert "endpoint churn stops answering" in browser.get("/models/churn/delete/").text
    assert Model.objects.filter(deleting=False).exists()
    assert browser.post("/models/churn/delete/").url == "/models/"
    assert not Model.objects.filter(deleting=False).exists()


def test_a_model_that_was_held_back_can_be_deployed_anyway(signed_in, alice, finished):
    Endpoint.objects.all().delete()
    TrainingJob.objects.update(note="Not deployed: validation AUC 0.6900 is below 0.9")
    page = signed_in(alice).get("/models/churn/").text
    assert "validation AUC 0.6900 is below 0.9" in page and "Deploy anyway" in page
    assert "Held back" in page


def test_the_deploy_gate_is_drawn_into_the_curve(signed_in, alice, finished):
    Model.objects.update(deploy_metric="validation:auc", deploy_threshold=0.65)
    assert "Deploy gate <b>0.65</b>" in signed_in(alice).get("/models/churn/").text


def test_while_the_data_is_prepared_a_bar_says_how_far(signed_in, alice, running):
    TrainingJob.objects.update(status="Created", preparing={"step": "Reading the table", "done": 250, "total": 1000})
    page = signed_in(alice).get("/models/fresh/").text
    assert "Reading the table, 25 %" in page
    assert running.job.pk and TrainingJob.objects.get().prepared_pct == 25.0


def test_the_lineage_names_objects_rows_and_changes(signed_in, alice, finished):
    Model.objects.update(
        lineage={
            "objects": [{"uri": "s3://data/churn/train.csv", "etag": "abc123", "size": 2048}],
            "rows": 1000,
            "dropped": 12,
            "fixes": ["price was read as currency."],
            "prepared": True,
        }
    )
    page = signed_in(alice).get("/models/churn/").text
    for words in ("Prepared as a copy", "1,000", "Rows left out", "price was read as currency.", "ETag abc123"):
        assert words in page
    assert "/churn-0001/schema.json" in page.replace("%2F", "/")


def test_what_was_checked_before_the_start_is_kept_with_the_job(signed_in, alice, finished):
    results = [
        Finding("missing", "warn", "12 cells of age are empty", "They are filled with the mean."),
        Finding("header", "ok", "Header row found", "Columns are matched by name."),
    ]
    TrainingJob.objects.update(preflight=Report(results, rows=1000, complete=True).as_json())
    for address in ("/models/churn/", "/jobs/churn-0001/"):
        page = signed_in(alice).get(address).text
        assert "Preflight report" in page and "0 blocking, 1 to look at, 1 passed" in page
        assert "12 cells of age are empty" in page and "all 1,000 rows read" in page


def test_a_known_failure_can_be_retried_with_its_fix(signed_in, alice, broken):
    page = signed_in(alice).get("/models/labels/").text
    fix = re.search(r'name="fix" value="([^"]+)"', page)
    assert fix and 'name="from" value="labels"' in page and "Fix and retry" in page
    assert json.loads(unescape(fix[1]))["changes"] == {"recipe.prepare": True, "recipe.has_header": None}


def test_the_link_of_a_fix_fills_it_into_the_form(signed_in, alice, broken):
    Model.objects.update(hyperparameters={"num_round": "10", "num_class": "3"})
    fix = quote(json.dumps({"label": "Leave num_class out", "changes": {"hp-num_class": None}}))
    before = signed_in(alice).get("/models/create/?from=labels").text
    after = signed_in(alice).get(f"/models/create/?from=labels&fix={fix}").text
    value = re.compile(r'name="hp-num_class"[^>]*value="([^"]*)"')
    assert value.search(before)[1] == "3" and value.search(after)[1] == ""


@pytest.mark.parametrize("verb", ["stop", "deploy", "delete"])
def test_a_stranger_changes_nothing(signed_in, bob, vera, finished, verb):
    assert signed_in(bob).post(f"/models/churn/{verb}/").status_code == 403
    assert signed_in(vera).post(f"/models/churn/{verb}/").status_code == 403


def test_stopping_says_so(signed_in, alice, running):
    response = signed_in(alice).post("/models/fresh/stop/", follow=True)
    assert "Stopping training job fresh-0001." in response.text


def test_no_such_model_is_not_found(signed_in, alice):
    assert signed_in(alice).get("/models/never/").status_code == 404


def test_an_answer_is_read_as_class_number_or_not_at_all():
    two = {"classes": ["no", "yes"], "target": "churned"}
    yes = read(two, "0.9\n")
    assert (yes.headline, round(yes.share)) == ("yes", 90)
    assert [name for name, _length, _figure in yes.bars] == ["yes", "no"]
    three = read({"classes": ["a", "b", "c"], "target": "t"}, "0.1,0.7,0.2")
    assert (three.headline, round(three.share), len(three.bars)) == ("b", 70, 3)
    number = read({"classes": [], "target": "price"}, "12.5")
    assert (number.headline, number.share, number.bars) == ("12.5", None, [])
    assert read(two, "what?") is None


def test_a_model_of_anomalies_shows_the_percentiles_of_the_training_scores(signed_in, alice, finished):
    Model.objects.update(algorithm="randomcutforest")
    TrainingJob.objects.update(final_metrics={"train:score_quantile_0.95": 1.25, "train:score_quantile_0.99": 1.5})
    page = signed_in(alice).get("/models/churn/").text
    assert "Percentiles of the training scores" in page and "95th: 1.25;" in page and "99th: 1.5<" in page
