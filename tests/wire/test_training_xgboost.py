"""XGBoost trained through the wire: boto3 asks, a worker's own code runs it, boto3 sees what came of it."""

import io
import tarfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.datasets import load_breast_cancer

from common.s3_uri import split_s3_uri
from engine.models import TrainingJob
from engine.training.work import TRAINING
from tests.wire import asks
from tests.wire.conftest import BUCKET, IMAGE

GROUP = "/aws/sagemaker/TrainingJobs"


@pytest.fixture
def table(object_store):
    data = load_breast_cancer()
    rows = [
        ",".join(map(repr, [float(label), *map(float, row)])) for label, row in zip(data.target, data.data, strict=True)
    ]
    for name, part in (("train", rows[:400]), ("validation", rows[400:])):
        object_store.put_object(Bucket=BUCKET, Key=f"cancer/{name}/{name}.csv", Body="\n".join(part).encode())


@pytest.fixture
def train(sm, zygote, settings, tmp_path):
    """Creates a job, runs it as a training worker does, and describes it."""
    settings.JOBS_FOLDER = tmp_path

    def train_now(name: str, folder: str = "cancer", changes=(), **hyperparameters: str) -> dict:
        channels = []
        for channel in ("train", "validation"):
            source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{folder}/{channel}/"}
            kind = "application/x-parquet" if folder == "parquet" else "text/csv"
            channels.append({"ChannelName": channel, "ContentType": kind, "DataSource": {"S3DataSource": source}})
        request = {"InputDataConfig": channels, "HyperParameters": hyperparameters, **dict(changes)}
        sm.create_training_job(**asks.training_job(name, **request))
        TRAINING.perform(TrainingJob.objects.get(name=name).pk)
        return sm.describe_training_job(TrainingJobName=name)

    return train_now


def test_a_table_becomes_a_model_with_metrics_and_a_log(train, table, engine, object_store):
    job = train("cancer", objective="binary:logistic", num_round="20", max_depth="4", eval_metric="auc")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert [s["Status"] for s in job["SecondaryStatusTransitions"]] == [
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    final = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert set(final) == {"train:auc", "validation:auc"} and final["validation:auc"] > 0.98

    bucket, key = split_s3_uri(job["ModelArtifacts"]["S3ModelArtifacts"])
    body = object_store.get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        assert tar.getnames() == ["xgboost-model"]

    logs = engine.client("logs")
    (stream,) = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix="cancer/")["logStreams"]
    events = logs.get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"], startFromHead=True)[
        "events"
    ]
    rounds = [event["message"] for event in events if "#011validation-auc:" in event["message"]]
    assert len(rounds) == 20 and rounds[-1].startswith("[19]")
    assert [event["message"] for event in events if "takes its place" in event["message"]] == [
        "WARNING: sagemaker-xgboost:1.7-1 is not available here; sagemaker-xgboost:3.0-5 takes its place, and results "
        "may differ."
    ]

    host = [{"Name": "Host", "Value": "cancer/algo-1"}]
    listed = engine.client("cloudwatch").list_metrics(Namespace="/aws/sagemaker/TrainingJobs", Dimensions=host)[
        "Metrics"
    ]
    names = {metric["MetricName"] for metric in listed}
    assert {name for name in names if not name.endswith("Utilization")} == set(final)


def test_a_hyperparameter_out_of_range_is_the_callers_error_in_the_containers_words(train, table):
    job = train("bad", objective="binary:logistic", num_round="20", eta="1.5")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == "ClientError: Hyperparameter eta: 1.5 is not in [0, 1], exit code: 1"


def model_of(object_store, job: dict) -> bytes:
    bucket, key = split_s3_uri(job["ModelArtifacts"]["S3ModelArtifacts"])
    body = object_store.get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        return tar.extractfile("xgboost-model").read()


def test_pipe_mode_gives_the_model_of_file_mode(train, object_store):
    rng = np.random.default_rng(0)
    for part in ("train", "validation"):
        for number in (1, 2):
            rows = rng.normal(size=(60, 3))
            table = pa.table({name: rows[:, at] for at, name in enumerate("abc")})
            stream = io.BytesIO()
            pq.write_table(table, stream)
            object_store.put_object(Bucket=BUCKET, Key=f"parquet/{part}/{number}.parquet", Body=stream.getvalue())
    settings = {"objective": "reg:squarederror", "num_round": "4"}
    models = []
    for mode in ("File", "Pipe"):
        specification = {"TrainingImage": IMAGE, "TrainingInputMode": mode}
        job = train(mode.lower(), "parquet", {"AlgorithmSpecification": specification}, **settings)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        models.append(model_of(object_store, job))
    assert models[0] == models[1]


def test_a_job_goes_on_from_the_checkpoints_of_the_one_before(train, table, engine, object_store):
    config = {"CheckpointConfig": {"S3Uri": f"s3://{BUCKET}/checkpoints/cancer"}}
    train("begun", changes=config, objective="binary:logistic", num_round="3")
    keys = [
        item["Key"] for item in object_store.list_objects_v2(Bucket=BUCKET, Prefix="checkpoints/cancer")["Contents"]
    ]
    assert all("/xgboost-checkpoint." in key for key in keys)
    last = max(int(key.rpartition(".")[2]) for key in keys)
    job = train("continued", changes=config, objective="binary:logistic", num_round="6")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    logs = engine.client("logs")
    (stream,) = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix="continued/")["logStreams"]
    events = logs.get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"], startFromHead=True)[
        "events"
    ]
    text = "\n".join(event["message"] for event in events)
    assert f"Resuming from iteration {last + 1}" in text and f"[{last}]#011" not in text and "[5]#011" in text
