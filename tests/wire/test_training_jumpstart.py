"""LightGBM and CatBoost through the wire: boto3 trains them on a real table with categories and deploys them."""

import io
import json
import tarfile

import numpy as np
import pytest

import algorithms
from engine.hosting.claims import DEPLOYMENT
from engine.models import Endpoint, TrainingJob
from engine.training.work import TRAINING
from tests.unit.algorithms.real import penguins
from tests.unit.algorithms.tables import as_csv
from tests.wire import asks
from tests.wire.conftest import BUCKET

GROUP = "/aws/sagemaker/TrainingJobs"
SETTINGS = {
    "lightgbm": {"num_boost_round": "40", "verbosity": "-1"},
    "catboost": {"iterations": "40", "learning_rate": "0.2"},
}
METRIC = {"lightgbm": "multi_logloss", "catboost": "MultiClass"}


@pytest.fixture
def table(object_store):
    table, positions = penguins()
    for name, rows in (("train", ~table.held), ("validation", table.held)):
        body = as_csv(table.x[rows], table.y[rows]).encode()
        object_store.put_object(Bucket=BUCKET, Key=f"penguins/{name}/data.csv", Body=body)
    listed = json.dumps({"cat_index_list": [position + 1 for position in positions]}).encode()
    object_store.put_object(Bucket=BUCKET, Key="penguins/train/categorical_index.json", Body=listed)
    return table


@pytest.fixture
def train(sm, zygote, settings, tmp_path):
    """Creates a job, runs it as a training worker does, and describes it."""
    settings.JOBS_FOLDER = tmp_path

    def train_now(name: str, image: str, **hyperparameters: str) -> dict:
        channels = []
        for channel in ("train", "validation"):
            source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/penguins/{channel}/"}
            channels.append({"ChannelName": channel, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}})
        specification = {"TrainingImage": image, "TrainingInputMode": "File"}
        sm.create_training_job(
            **asks.training_job(
                name,
                AlgorithmSpecification=specification,
                InputDataConfig=channels,
                HyperParameters=hyperparameters,
            )
        )
        TRAINING.perform(TrainingJob.objects.get(name=name).pk)
        return sm.describe_training_job(TrainingJobName=name)

    return train_now


@pytest.mark.parametrize("algorithm", SETTINGS)
def test_penguins_become_a_model_that_comes_into_service(train, table, engine, object_store, tmp_path, algorithm):
    known = algorithms.get(algorithm)
    job = train(f"penguins-{algorithm}", known.image_uri("us-east-1"), **SETTINGS[algorithm])
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    final = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert set(final) == {METRIC[algorithm]} and final[METRIC[algorithm]] < 0.3

    logs = engine.client("logs")
    (stream,) = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"penguins-{algorithm}/")[
        "logStreams"
    ]
    events = logs.get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"], startFromHead=True)
    first = {"lightgbm": "[1]#011val's multi_logloss: ", "catboost": "0:#011learn: "}[algorithm]
    assert any(event["message"].startswith(first) for event in events["events"])

    sm = engine.client("sagemaker")
    container = {"Image": known.image_uri("us-east-1"), "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]}
    sm.create_model(**asks.model("penguins", PrimaryContainer=container))
    sm.create_endpoint_config(**asks.config("penguins", asks.variant(model="penguins")))
    sm.create_endpoint(EndpointName="penguins", EndpointConfigName="penguins")
    DEPLOYMENT.perform(Endpoint.objects.get().pk)
    endpoint = Endpoint.objects.get()
    assert endpoint.status == Endpoint.Status.IN_SERVICE, endpoint.failure_reason

    body = object_store.get_object(Bucket=BUCKET, Key=container["ModelDataUrl"].removeprefix(f"s3://{BUCKET}/"))["Body"]
    with tarfile.open(fileobj=io.BytesIO(body.read())) as tar:
        tar.extractall(tmp_path / "artifact", filter="data")
    predictor = known.load_predictor().load(tmp_path / "artifact")
    answer, _ = predictor.invoke(as_csv(table.x[table.held]).encode(), "text/csv", "application/json;verbose")
    assert np.mean(json.loads(answer)["predicted_label"] == table.y[table.held]) > 0.95


@pytest.mark.parametrize("algorithm", SETTINGS)
def test_the_image_says_that_it_is_a_regression(train, table, algorithm):
    image = f"763104351884.dkr.ecr.us-east-1.amazonaws.com/{algorithm}-regression-model:2.1"
    job = train(f"species-{algorithm}", image, **SETTINGS[algorithm])
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert [m["MetricName"].lower() for m in job["FinalMetricDataList"]] == ["rmse"]


def test_a_wrong_hyperparameter_is_the_callers_error(train, table):
    job = train("bad", algorithms.get("lightgbm").image_uri("us-east-1"), learning_rate="1.5")
    assert job["FailureReason"] == "ClientError: Hyperparameter learning_rate: 1.5 is not in (0, 1], exit code: 1"
