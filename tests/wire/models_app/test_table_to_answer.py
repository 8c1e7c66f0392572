"""Each algorithm by the console's verbs alone: from a table with text and gaps to an answer in words."""

import csv
import io
import json
import uuid

import pytest
from palmerpenguins import load_penguins

import algorithms
from common.s3_uri import split_s3_uri
from models_app import aws
from models_app.aws import s3_store
from models_app.batch import actions as batch
from models_app.catalog.evaluation import metrics_of
from models_app.create import submit
from models_app.endpoints import actions as endpoint_actions
from models_app.endpoints import metrics
from models_app.endpoints.request_form import RequestForm, read
from models_app.models import Endpoint, Model
from models_app.problems import Declined
from models_app.training.metrics import curve_of, figures_of
from models_app.training.page import steps_of

pytestmark = pytest.mark.stack
# What is predicted of penguins: their species, or where there are two classes at most, their sex.
TARGETS = {"factorization-machines": "sex"}
ROW = {
    "island": "Biscoe", "bill_length_mm": 47.5, "bill_depth_mm": 14.2, "flipper_length_mm": 215.0,
    "body_mass_g": 5000.0, "year": 2008,
}  # fmt: skip


@pytest.fixture
def penguins(table) -> str:
    bucket = table.split("/")[2]
    body = load_penguins().to_csv(index=False).encode()
    aws.client("s3").put_object(Bucket=bucket, Key="penguins.csv", Body=body)
    return f"s3://{bucket}/penguins.csv"


def check_batch(worker, alice, model, uri, target) -> None:
    """Predict the whole table by a transform job: an answer beside each row, and the endpoint's model stays."""
    etag = s3_store.locate(uri).etag
    row = batch.begin(alice, model, uri, etag, {}, uuid.uuid4(), "ml.m5.large")

    def completed() -> bool:
        row.refresh_from_db()
        assert row.status != "Failed", row.failure_reason
        return row.status == "Completed"

    worker.until(completed, 120)
    address = split_s3_uri(row.output_uri)
    body = aws.client("s3").get_object(Bucket=address.bucket, Key=address.key)["Body"].read().decode()
    rows = list(csv.DictReader(io.StringIO(body)))
    assert (row.rows, row.result["rows"], len(rows)) == (344, 344, 344)
    assert [each["island"] for each in rows[:3]] == ["Torgersen"] * 3
    if target == "species":
        assert sum(each["prediction"] == each["species"] for each in rows) > 300
    else:
        assert all(each["prediction" if target else "cluster"] for each in rows)
    assert not [m for m in aws.client("sagemaker").list_models()["Models"] if m["ModelName"] == row.sagemaker_model]


# They answer as xgboost does; test_every_algorithm.py and test_first_party.py have them, too.
LONG = [pytest.param(name, marks=pytest.mark.long) for name in ("catboost", "factorization-machines")]


@pytest.mark.parametrize("name", ["xgboost", "kmeans", *LONG])
def test_from_a_table_to_an_answer(worker, alice, draft, penguins, settings, name):
    algorithm = algorithms.get(name)
    target = TARGETS.get(name, "species") if algorithm.supervised else ""
    arguments = dict(algorithm.presets["Fast"])
    spec = draft(algorithm=name, data_uri=penguins, target=target, hyperparameters=arguments, test_share=0.2)
    model = submit.create(alice, spec)

    def deployed() -> bool:
        model.refresh_from_db()
        assert model.status_word != "Failed", (model.failure, model.job.preflight)
        measured = model.job.evaluated or not algorithm.supervised
        return model.status_word == "Deployed" and model.job.log_done and bool(measured)

    worker.until(deployed, 120)
    model = Model.objects.select_related("job", "endpoint").get(pk=model.pk)
    job = model.job
    assert model.lineage["prepared"] and model.lineage["rows"] == 344 and model.lineage["fixes"]
    assert not job.preflight["blocks"] and job.preflight["complete"]
    assert steps_of(job)[2].status == "done"
    assert curve_of(job) if job.has_rounds and job.rounds != 1 else not curve_of(job) or job.rounds == 1
    assert job.metric or figures_of(job) or name == "randomcutforest"

    if algorithm.supervised:
        assert job.test_figures.get("rows") == model.schema["test_rows"] > 60, job.test_figures
        figures = {figure["name"]: figure for figure in job.test_figures["figures"]}
        assert {"accuracy", "logloss" if target == "sex" else "mlogloss"} <= set(figures)
        assert figures["accuracy"]["low"] <= figures["accuracy"]["value"] <= figures["accuracy"]["high"]
        assert name == "factorization-machines" or figures["accuracy"]["value"] > 0.9
        assert (metrics_of(model).metrics[0].test, len(metrics_of(model).metrics)) != ("-", 0)

    feature_names = [column["name"] for column in model.schema["columns"] if column["role"] == "feature"]
    extra = {"species": "Gentoo", "sex": "male"}
    row = {column: (ROW | extra)[column] for column in feature_names}
    body = json.dumps({"instances": [row]}).encode()
    answer = endpoint_actions.invoke(model.endpoint, body, "application/json", "application/json; labels=true")
    assert answer.content_type == "application/json; labels=true"
    prediction = json.loads(answer.body)["predictions"][0]
    if algorithm.supervised:
        right = {"species": ("Gentoo",), "sex": ("male", "female")}[target]  # a few epochs do not tell the sexes apart
        assert prediction["label"] in right
    else:
        assert prediction.keys() & {"cluster", "projection", "score"}

    answers = []
    for backend in ("engine", "aws"):  # by name, and as the console encodes for AWS, which knows no names
        settings.BACKEND = backend
        form = RequestForm(model, {c.id: str(row[c.name]) for c in RequestForm(model).controls})
        ask = form.request()
        assert ('"island"' in ask.body) == (backend == "engine")
        sent = endpoint_actions.invoke(model.endpoint, ask.body.encode(), ask.content_type, ask.accept)
        answers.append(read(model.schema, sent.body.decode(), sent.content_type))
    settings.BACKEND = "engine"
    assert answers[0] == answers[1] and answers[0].headline

    with pytest.raises(Declined, match="There is no column 'colour'"):
        endpoint_actions.invoke(
            model.endpoint, b'{"instances": [{"colour": "red"}]}', "application/json", "application/json"
        )
    elsewhere = json.dumps({"instances": [row | {"island": "Atlantis"}]}).encode()
    counted = endpoint_actions.invoke(model.endpoint, elsewhere, "application/json", ask.accept)
    assert counted.unseen == (("island", 1),)
    worker.until(lambda: metrics.request_counts(model.endpoint).unseen == 1)
    check_batch(worker, alice, model, penguins, target)
    endpoint_actions.delete(model.endpoint)
    worker.until(lambda: not Endpoint.objects.filter(model=model).exists())
