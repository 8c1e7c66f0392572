"""A finished model is evaluated by itself, once at a time, and its endpoint is asked only where that fails."""

import json
import shutil
from pathlib import Path

import pytest

from evaluation import files
from models_app import aws
from models_app.aws import s3, s3_store
from models_app.catalog import evaluating, named_tables
from models_app.catalog.evaluation import leading, metrics_of
from models_app.endpoints import evaluation as asking
from models_app.models import Endpoint, Evaluation, Model, TrainingJob
from models_app.problems import Problem
from models_app.sync import jobs
from tables import Folder
from tests.pages.evaluations import document_of
from tests.unit.evaluation.trained import train
from tests.unit.tables import real


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("trained") / "run"
    train(root, real.breast_cancer(), "xgboost", target="target")
    return root


@pytest.fixture
def finished(training, trained, settings, tmp_path, monkeypatch) -> TrainingJob:
    """A completed job whose prepared rows and artifact lie in a folder that stands for S3."""
    settings.CLAIM_HEARTBEAT = 600.0  # its thread has a connection of its own, which a test's transaction locks out
    store = Folder(tmp_path)
    folder = tmp_path / settings.DEFAULT_BUCKET / "sagewright" / training.name
    folder.parent.mkdir(parents=True)
    shutil.copytree(trained / files.BUCKET / "rows", folder)
    (folder / "model.tar.gz").write_bytes((trained / files.ARTIFACT).read_bytes())
    monkeypatch.setattr(s3_store, "STORE", store)
    monkeypatch.setattr(s3, "open_object", lambda bucket, key: _opened(store, bucket, key))
    monkeypatch.setattr(s3, "upload", lambda bucket, key, body, kind="": store.put(bucket, key, body, kind))
    schema = json.loads((trained / files.SCHEMA).read_text())
    Model.objects.update(schema=schema, recipe={"test_share": 0.25})
    artifact = f"s3://{settings.DEFAULT_BUCKET}/sagewright/{training.name}/model.tar.gz"
    TrainingJob.objects.update(status="Completed", artifact=artifact)
    return TrainingJob.objects.get()


def _opened(store: Folder, bucket: str, key: str) -> s3.Download:
    with store.open(bucket, key) as stream:
        body = stream.read()
    return s3.Download(iter([body]), len(body), "", key)


def test_the_document_and_the_table_are_stored_and_the_leading_figures_shown(finished, settings, tmp_path):
    evaluation = evaluating.start(finished)
    evaluating.EVALUATION.perform(evaluation.pk)
    evaluation.refresh_from_db()
    finished.refresh_from_db()
    assert evaluation.status == "Done", evaluation.failure
    bucket, key = settings.DEFAULT_BUCKET, f"sagewright/{finished.name}/evaluation/"
    assert evaluation.predictions_uri == f"s3://{bucket}/{key}predictions.csv"
    assert json.loads((tmp_path / bucket / key / "evaluation.json").read_text()) == evaluation.document
    lines = (tmp_path / bucket / key / "predictions.csv").read_text().splitlines()
    assert len(lines) == 1 + evaluation.document["rows"] and lines[0].startswith("row,label,prediction,score")
    by_name = {figure["name"]: figure for figure in evaluation.document["metrics"]}
    assert finished.test_figures["figures"][0] == by_name["auc"] and by_name["auc"]["value"] > 0.9
    assert finished.evaluated and str(finished.events.latest("id").text).startswith("Evaluated on 1")
    metrics = metrics_of(Model.objects.get())
    assert metrics.metrics[0].baseline == "0.5000" and leading(finished)[0] == "Test AUC"
    assert leading(finished)[2].endswith(" rows; a constant answer has 0.5000")


def test_completing_starts_it_and_doing_it_again_begins_anew(finished):
    TrainingJob.objects.update(status="InProgress")
    job = TrainingJob.objects.select_related("model").get()
    assert jobs._move(job, {"TrainingJobStatus": "Completed"})
    evaluation = Evaluation.objects.get()
    assert evaluation.status == "Queued" and evaluating.start(job) == evaluation
    Evaluation.objects.update(status="Failed", failure="why", attempt=3)
    evaluating.start(TrainingJob.objects.get())
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.failure, evaluation.attempt) == ("Queued", "", 0)


@pytest.mark.parametrize(
    "change", [{"status": "Stopped"}, {"artifact": ""}], ids=lambda change: next(iter(change))
)  # fmt: skip
def test_what_is_no_finished_model_is_not_evaluated(finished, change):
    TrainingJob.objects.update(**change)
    assert evaluating.start(TrainingJob.objects.get()) is None and not Evaluation.objects.exists()


def test_a_model_that_cannot_be_evaluated_fails_with_the_reason_and_its_endpoint_is_asked(finished, monkeypatch):
    def refuse(*_args):
        raise Problem("Unable to load model: it is a Python pickle.")

    endpoint = Endpoint.objects.create(
        name="churn", model=finished.model, status="InService", artifact=finished.artifact
    )  # fmt: skip
    evaluation = evaluating.start(finished)
    assert asking.due() == []
    asking.measure(endpoint)  # leaves it to the evaluation
    assert "being measured" in metrics_of(Model.objects.get()).note
    monkeypatch.setattr(evaluating, "evaluate_apart", refuse)
    evaluating.EVALUATION.perform(evaluation.pk)
    evaluation.refresh_from_db()
    assert (evaluation.status, str(evaluation.failure)) == ("Failed", "Unable to load model: it is a Python pickle.")
    assert asking.due() == [endpoint.pk]


def test_storage_that_is_away_is_asked_again_and_counts_as_no_attempt(finished, monkeypatch):
    def away(*_args):
        raise aws.Unavailable("S3 does not answer")

    monkeypatch.setattr(s3, "open_object", away)
    evaluation = evaluating.start(finished)
    evaluating.EVALUATION.perform(evaluation.pk)
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.attempt) == ("Queued", 0)


def test_rows_prepared_by_an_earlier_version_are_measured_without_groups(finished, settings, tmp_path):
    (tmp_path / settings.DEFAULT_BUCKET / "sagewright" / finished.name / "test-table" / "rows.parquet").unlink()
    evaluation = evaluating.start(finished)
    evaluating.EVALUATION.perform(evaluation.pk)
    evaluation.refresh_from_db()
    assert evaluation.status == "Done" and evaluation.document["slices"] is None
    assert {row["row"] for row in evaluation.document["worst"]["rows"]} <= {0}


@pytest.mark.parametrize(
    "change",
    [{"metrics": []}, {"kind": "other"}, {"rows": "many"}, {"thresholds": [["x"] * 5]}, {"explain": {"columns": [1]}}],
    ids=lambda change: next(iter(change)),
)
def test_a_document_that_the_pages_cannot_draw_is_not_stored(finished, monkeypatch, change):
    monkeypatch.setattr(evaluating, "evaluate_apart", lambda *_args: document_of("binary") | change)
    evaluation = evaluating.start(finished)
    evaluating.EVALUATION.perform(evaluation.pk)
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.attempt, evaluation.document) == ("Failed", 1, {})
    assert str(evaluation.failure) == "The process that evaluated the model left a result that cannot be read."


def named(finished, settings, tmp_path, rows: str) -> Evaluation:
    """The evaluation of the model on a table of `rows` that a person names, done."""
    (tmp_path / settings.DEFAULT_BUCKET / "new.csv").write_text(rows)
    evaluation = named_tables.start_on(finished, f" s3://{settings.DEFAULT_BUCKET}/new.csv ")
    evaluating.EVALUATION.perform(evaluation.pk)
    evaluation.refresh_from_db()
    return evaluation


def test_a_table_that_a_person_names_has_a_result_beside_that_of_the_test_rows(
    finished, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr("tables.row_sample.stream_blocks", None)  # the worker itself parses nothing of people
    lines = real.breast_cancer().splitlines()
    own = Evaluation.objects.create(job=finished, status="Done", document=document_of("binary"))
    evaluation = named(finished, settings, tmp_path, "\n".join([*lines[:101], lines[101] + "x"]))
    assert evaluation.status == "Done", evaluation.failure
    document = evaluation.document
    assert (document["rows"], document["test_rows"], document["on"]["left_out"]) == (100, 101, 1)
    assert document["on"]["uri"] == evaluation.on == f"s3://{settings.DEFAULT_BUCKET}/new.csv"
    path = tmp_path / evaluation.predictions_uri.removeprefix("s3://")
    predictions = [line.split(",") for line in path.read_text().splitlines()[1:]]
    right = sum(row[1] == row[2] for row in predictions) / len(predictions)
    by_name = {figure["name"]: figure["value"] for figure in document["metrics"]}
    assert by_name["accuracy"] == pytest.approx(right, abs=1e-9) and right > 0.9
    own.refresh_from_db()
    finished.refresh_from_db()
    assert own.document["rows"] == 600 and not finished.test_figures
    assert "rows of s3://" in str(finished.events.latest("id").text)


def test_a_named_table_without_the_target_says_so_and_the_model_keeps_ten_at_most(finished, settings, tmp_path):
    lines = [line.rpartition(",")[0] for line in real.breast_cancer().splitlines()[:20]]
    evaluation = named(finished, settings, tmp_path, "\n".join(lines))
    assert evaluation.status == "Failed" and "has no column target" in str(evaluation.failure)
    for text in ("nowhere", "s3://ab", f"s3://{settings.DEFAULT_BUCKET}/none.csv"):
        with pytest.raises(Problem):
            named_tables.start_on(finished, text)
    for at in range(9):
        Evaluation.objects.create(job=finished, on=f"s3://b/{at}.csv", status="Done")
    (tmp_path / settings.DEFAULT_BUCKET / "more.csv").write_text("a\n1\n")
    with pytest.raises(Problem, match="10 evaluations on tables"):
        named_tables.start_on(finished, f"s3://{settings.DEFAULT_BUCKET}/more.csv")
