"""A job from its claim to its last status, in a real process, with a real store."""

import io
import json
import tarfile

import pytest

from common.s3_uri import split_s3_uri
from engine.models import LogEvent, MetricDatum
from sandbox.level import available
from sandbox.spec import Level
from tests.unit.engine.training.conftest import BUCKET


def read_tar(bucket, uri) -> dict[str, bytes]:
    body = bucket.get_object(Bucket=BUCKET, Key=split_s3_uri(uri).key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        return {name: tar.extractfile(name).read() for name in tar.getnames()}


def log_of(job) -> list[str]:
    return list(
        LogEvent.objects.filter(stream__startswith=f"{job.name}/").order_by("id").values_list("message", flat=True)
    )


def test_a_job_completes_with_model_metrics_log_and_transitions(make_job, run, bucket, jobs_folder):
    job = run(make_job("curve", 5))
    assert (job.status, job.secondary_status, job.failure_reason) == ("Completed", "Completed", "")
    assert read_tar(bucket, job.artifact) == {"model": b"a model"}
    steps = job.transitions
    assert [s["Status"] for s in steps] == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all(s["StatusMessage"] and s["StartTime"] <= s["EndTime"] for s in steps)
    assert all(a["EndTime"] == b["StartTime"] for a, b in zip(steps, steps[1:], strict=False))
    assert job.created <= job.started <= job.ended and (job.worker, job.heartbeat) == ("", None)
    assert log_of(job) == [f"[{i}]#011train-loss:{1 / (i + 1)}" for i in range(5)]
    (metric,) = job.final_metrics
    assert (metric["MetricName"], metric["Value"]) == ("train:loss", 0.2)
    (datum,) = MetricDatum.objects.filter(dimensions=f"Host={job.name}/algo-1", unit="None")
    assert (datum.count, datum.minimum, datum.maximum) == (5, 0.2, 1)
    assert list(jobs_folder.iterdir()) == []


def test_the_surroundings_are_the_container_contract_and_hold_no_key_of_ours(make_job, run, bucket, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    bucket.put_object(Bucket=BUCKET, Key="surroundings/train/a/b.csv", Body=b"1,2\n")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/surroundings/train"}
    channel = {"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
    job = run(make_job("surroundings", InputDataConfig=[channel], Environment={"COLOUR": "blue", "SM_NUM_CPUS": "99"}))
    assert job.status == "Completed", job.failure_reason
    document = json.loads(read_tar(bucket, job.artifact.replace("model.tar", "output.tar"))["told.json"])
    environment = document["environment"]
    assert not [name for name in environment if name.startswith(("AWS_", "SAGEWRIGHT_", "DJANGO_"))]
    assert environment["COLOUR"] == "blue" and environment["SM_NUM_CPUS"] == str(document["cpus"])
    assert environment["TRAINING_JOB_NAME"] == job.name
    assert json.loads(environment["SM_HPS"])["do"] == "surroundings"
    assert environment["SM_CHANNEL_TRAIN"].endswith("/input/data/train") and environment["SM_HOSTS"] == '["algo-1"]'
    assert document["files"]["input/data/train/a/b.csv"] == 4
    for name in ("hyperparameters", "inputdataconfig", "resourceconfig"):
        assert f"input/config/{name}.json" in document["files"]
    folder = "/opt/ml" if available() is Level.WALLED else f"/training-job-us-east-1-{job.name}-1/algo-1"
    assert document["cwd"].endswith(folder) and document["mode"] == "0o700"
    assert document["session"] == document["pid"] and document["nice"] >= 5
    assert set(document["fds"]) <= {"0", "1", "2", "3"}  # 3 is the listing of the folder itself


@pytest.mark.parametrize(
    ("do", "reason"),
    [
        ("user_error", "ClientError: the label column has 12 text values, exit code: 1"),
        ("failure", "AlgorithmError: framework error, exit code: 1"),
        ("bug", "AlgorithmError: KeyError: 'no such thing', exit code: 1"),
        ("own_words", "AlgorithmError: my own words, exit code: 3"),
        ("segfault", "AlgorithmError: The training process crashed (SIGSEGV), exit code: 139"),
        ("killed", "AlgorithmError: The training process was killed, most often because memory ran out."),
    ],
)
def test_a_failure_says_whose_it_is_in_the_containers_words(make_job, run, bucket, do, reason):
    job = run(make_job(do))
    assert (job.status, job.secondary_status) == ("Failed", "Failed")
    assert job.failure_reason.startswith(reason)
    assert do != "killed" or job.failure_reason.endswith("exit code: 137")
    assert "Contents" not in bucket.list_objects_v2(Bucket=BUCKET, Prefix=f"out/{job.name}/")
    assert do != "bug" or any("Traceback" in line for line in log_of(job))
