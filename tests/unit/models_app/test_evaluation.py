"""Test rows are sent to the endpoint, measured once, and shown beside the validation figures."""

import io
from types import SimpleNamespace

import pytest

from common.problems import Unavailable
from models_app.aws import s3_store
from models_app.catalog.evaluation import leading, metrics_of
from models_app.endpoints import actions, evaluation
from models_app.models import Endpoint, MetricPoint, Model
from models_app.problems import Problem
from models_app.sync import reconcile
from tables import Folder
from tables.evaluation_rows import read_evaluation_rows

FOLDER = "sagewright/churn-1a2b3c4d/test-rows/test-rows.csv"


@pytest.fixture
def endpoint(training, settings, tmp_path, monkeypatch) -> Endpoint:
    """In service, for a model with forty test rows of which the sign of the feature is the label."""
    store = Folder(tmp_path)
    (tmp_path / settings.DEFAULT_BUCKET).mkdir()
    body = "".join(f"{int(i % 2)},{(i % 2 * 2 - 1) * (i + 1)}\n" for i in range(40))
    store.put(settings.DEFAULT_BUCKET, FOLDER, io.BytesIO(body.encode()), "text/csv")
    monkeypatch.setattr(s3_store, "STORE", store)
    training.status, training.artifact = "Completed", "s3://b/model.tar.gz"
    training.save()
    model = training.model
    model.schema = {"algorithm": "xgboost", "classes": ["no", "yes"], "label": True, "test_rows": 40}
    model.recipe = {"test_share": 0.1}
    model.save()
    return Endpoint.objects.create(name="churn", model=model, status="InService", artifact=training.artifact)


@pytest.fixture
def answers(monkeypatch) -> list[bytes]:
    """The bodies that were sent; each row is answered with 0.9 or 0.2 by its sign."""
    sent: list[bytes] = []

    def invoke(endpoint, body, content_type, accept):
        sent.append(body)
        lines = "\n".join("0.9" if float(line) > 0 else "0.2" for line in body.decode().split())
        return SimpleNamespace(body=lines.encode(), content_type="text/csv")

    monkeypatch.setattr(actions, "invoke", invoke)
    return sent


def test_the_figures_of_the_test_rows_are_stored_once(endpoint, answers, training):
    assert evaluation.due() == [endpoint.pk]
    assert ("endpoints.measure_test_rows", endpoint.pk) in reconcile.overdue()
    evaluation.measure(endpoint)
    training.refresh_from_db()
    figures = {figure["name"]: figure for figure in training.test_figures["figures"]}
    assert training.test_figures["rows"] == 40 and figures["auc"]["value"] == figures["accuracy"]["value"] == 1
    assert figures["accuracy"]["low"] < 0.95
    assert "Measured on 40 test rows: AUC 1.0000" in str(training.events.latest("id").text)
    assert not evaluation.due()
    evaluation.measure(Endpoint.objects.get())
    assert len(answers) == 1


def test_the_page_shows_them_beside_the_validation_figures(endpoint, answers, training):
    model = Model.objects.get()
    assert "40 rows are kept apart. They are measured when the endpoint is in service." in metrics_of(model).note
    MetricPoint.objects.create(job=training, name="validation:logloss", round=0, value=0.25)
    training.progress = {"metric": "validation:logloss", "value": 0.25, "best": 0.25, "best_round": 1, "goal": "min"}
    training.save()
    evaluation.measure(endpoint)
    metrics = metrics_of(Model.objects.get())
    assert metrics.note.startswith("On 40 rows kept apart")
    logloss = next(metric for metric in metrics.metrics if metric.title == "Log loss")
    assert (logloss.validation, logloss.test) == ("0.2500", "0.1643")
    assert leading(Model.objects.get().job) == ("Test Log loss", "0.1643", f"{logloss.interval}, on 40 rows")


@pytest.mark.parametrize("fault", [Problem("the model answered with an error"), ValueError("no prediction")])
def test_why_they_are_not_measured_is_stored_and_a_new_endpoint_tries_again(
    endpoint, answers, training, monkeypatch, fault
):
    def fail(*_args):
        raise fault

    answering = actions.invoke
    monkeypatch.setattr(actions, "invoke", fail)
    evaluation.measure(endpoint)
    assert str(fault) in metrics_of(Model.objects.get()).note and not evaluation.due()
    monkeypatch.setattr(actions, "invoke", answering)
    evaluation.measure(Endpoint.objects.get())
    training.refresh_from_db()
    assert training.test_figures["rows"] == 40


def test_rows_that_cannot_be_sent_just_now_are_still_to_be_measured(endpoint, monkeypatch):
    def away(*_args):
        raise Unavailable("SageMaker does not answer")

    monkeypatch.setattr(actions, "invoke", away)
    with pytest.raises(Unavailable):
        evaluation.measure(endpoint)
    assert evaluation.due() == [endpoint.pk]


def test_an_endpoint_that_goes_meanwhile_leaves_them_to_the_next(endpoint, monkeypatch):
    def gone(*_args):
        Endpoint.objects.update(status="Deleting")
        raise Problem("there is no endpoint")

    monkeypatch.setattr(actions, "invoke", gone)
    evaluation.measure(endpoint)
    assert Model.objects.get().job.evaluated is None


def test_an_endpoint_of_another_artifact_measures_nothing(endpoint, answers):
    Endpoint.objects.update(artifact="s3://b/other.tar.gz")
    evaluation.measure(Endpoint.objects.get())
    assert not answers and not evaluation.due()


@pytest.mark.parametrize(
    ("schema", "recipe", "words"),
    [
        ({}, {}, None),
        ({"test_rows": 0, "label": True}, {}, None),
        ({"test_rows": 0, "label": False}, {"test_share": 0.1}, None),
        ({"test_rows": 0, "label": True}, {"test_share": 0.1}, "too few rows for test rows"),
    ],
)
def test_models_without_test_rows_say_so_only_where_some_were_asked_for(training, schema, recipe, words):
    model = training.model
    model.schema, model.recipe = schema, recipe
    metrics = metrics_of(model)
    assert metrics is None if words is None else words in metrics.note


def test_of_very_many_rows_some_are_sent_evenly_chosen(endpoint, settings, monkeypatch):
    monkeypatch.setattr("tables.evaluation_rows.MAX_ROWS", 15)
    monkeypatch.setattr("tables.evaluation_rows.BODY_ROWS", 4)
    folder = f"s3://{settings.DEFAULT_BUCKET}/sagewright/churn-1a2b3c4d"
    batches = list(read_evaluation_rows(s3_store.STORE, folder, "text/csv", 40))
    assert [len(batch.labels) for batch in batches] == [4, 4, 4, 2]
    assert [abs(float(cell)) - 1 for cell in b"".join(b.body for b in batches).split()] == [*range(0, 40, 3)]
