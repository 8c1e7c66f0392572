"""Training jobs with several instances, through the wire: their network, their shares of the data, their one end."""

import io
import json
import tarfile

import numpy as np
import pytest
from botocore.exceptions import ClientError
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score

from common.s3_uri import split_s3_uri
from engine.jobs import child
from engine.models import TrainingJob
from engine.training.work import TRAINING
from tests.wire import asks
from tests.wire.conftest import BUCKET
from tests.wire.test_training_scripts import GROUP, SKLEARN, run, unpacked

__all__ = ["run"]

# As in AWS's examples of distributed training: the first host listens under its name, the others report to it.
MEMBER = """
import json, os, socket
from pathlib import Path

host, hosts = os.environ["SM_CURRENT_HOST"], json.loads(os.environ["SM_HOSTS"])
print(f"I am {host} of {hosts} on {os.environ['SM_NETWORK_INTERFACE_NAME']}", flush=True)
model = Path(os.environ["SM_MODEL_DIR"])
facts = {
    "whole": sorted(os.listdir(os.environ["SM_CHANNEL_WHOLE"])),
    "part": sorted(os.listdir(os.environ["SM_CHANNEL_PART"])),
    "is_master": json.loads(os.environ["SM_TRAINING_ENV"])["is_master"],
    "called": socket.gethostname(),
}
if host == hosts[0]:
    with socket.create_server((host, 7777)) as server:
        peer, address = server.accept()
        with peer:
            facts["heard"] = [peer.recv(100).decode(), address[0] == socket.gethostbyname(hosts[1])]
    raising = os.environ.get("FAIL") == "first"
else:
    while True:
        try:
            with socket.create_connection((hosts[0], 7777), source_address=(host, 0)) as first:
                first.sendall(f"from {host}".encode())
            break
        except ConnectionRefusedError:
            pass
    raising = os.environ.get("FAIL") == "second"
(model / f"{host}.json").write_text(json.dumps(facts))
(model / "both.txt").write_text(host)
if raising:
    raise ValueError(f"{host} gives up")
if os.environ.get("FAIL"):
    import time
    time.sleep(60)
"""


XGBOOST = {"objective": "binary:logistic", "eval_metric": "auc", "num_round": "10", "max_depth": "3"}


@pytest.fixture(scope="module")
def cancer() -> tuple[np.ndarray, np.ndarray]:
    """Rows with the label first: of training, and to judge by."""
    data = load_breast_cancer()
    rows = np.column_stack([data.target, data.data])
    return rows[:400], rows[400:]


@pytest.fixture
def train(sm, settings, tmp_path, object_store, cancer):
    """Trains a built-in algorithm on the table as four objects, and describes the job."""
    settings.JOBS_FOLDER = tmp_path
    for name, rows in (("train", cancer[0]), ("validation", cancer[1])):
        for number in range(4):
            text = "\n".join(",".join(map(repr, row)) for row in rows[number::4].tolist())
            object_store.put_object(Bucket=BUCKET, Key=f"gang/{name}/{number}.csv", Body=text.encode())

    def train_now(name: str, values: dict, count: int = 1, distribution: str = "FullyReplicated", **changes) -> dict:
        channels = [channel(part, f"gang/{part}/", distribution) for part in ("train", "validation")]
        request = {"HyperParameters": values, "InputDataConfig": channels} | instances(count) | changes
        sm.create_training_job(**asks.training_job(name, **request))
        TRAINING.perform(TrainingJob.objects.get(name=name).pk)
        return sm.describe_training_job(TrainingJobName=name)

    yield train_now
    child.shut_down()


def auc(object_store, job: dict, cancer, member: str, load) -> float:
    """How well the model of a job orders the rows to judge by."""
    bucket, key = split_s3_uri(job["ModelArtifacts"]["S3ModelArtifacts"])
    body = object_store.get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        content = tar.extractfile(member)
        assert content is not None
        predict = load(content.read())
    return float(roc_auc_score(cancer[1][:, 0], predict(cancer[1][:, 1:])))


def log_of(engine, name: str, host: str) -> list[str]:
    logs = engine.client("logs")
    (stream,) = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/{host}-")["logStreams"]
    events = logs.get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"], startFromHead=True)
    return [event["message"] for event in events["events"]]


def channel(name: str, folder: str, distribution: str) -> dict:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{folder}", "S3DataDistributionType": distribution}
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def instances(count: int) -> dict:
    return {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 5}}


@pytest.fixture
def parts(object_store):
    for name in ("a", "b", "c"):
        object_store.put_object(Bucket=BUCKET, Key=f"parts/{name}.csv", Body=b"1,2\n")
    return [channel("whole", "parts/", "FullyReplicated"), channel("part", "parts/", "ShardedByS3Key")]


def test_two_members_meet_by_name_and_each_has_its_part_of_the_objects(run, parts, engine, object_store):
    job = run("pair", {"train.py": MEMBER}, InputDataConfig=parts, **instances(2))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    files = unpacked(object_store, job["ModelArtifacts"]["S3ModelArtifacts"])
    first, second = (json.loads(files[f"algo-{n}.json"]) for n in (1, 2))
    assert first["whole"] == second["whole"] == ["a.csv", "b.csv", "c.csv"]
    assert (first["part"], second["part"]) == (["a.csv", "c.csv"], ["b.csv"])
    assert first["heard"] == ["from algo-2", True] and files["both.txt"] == "algo-1"
    assert [(f["called"], f["is_master"]) for f in (first, second)] == [("algo-1", True), ("algo-2", False)]
    for host in ("algo-1", "algo-2"):
        assert f"I am {host} of ['algo-1', 'algo-2'] on lo" in log_of(engine, "pair", host)
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"], "AWS's clients multiply it by InstanceCount"


@pytest.mark.long
def test_a_member_that_fails_ends_the_others_and_nothing_is_left_in_s3(run, parts, object_store):
    job = run(
        "broken-pair", {"train.py": MEMBER}, InputDataConfig=parts, Environment={"FAIL": "second"}, **instances(2)
    )
    assert job["TrainingJobStatus"] == "Failed"
    assert 'ErrorMessage "ValueError: algo-2 gives up"' in job["FailureReason"]
    assert object_store.list_objects_v2(Bucket=BUCKET, Prefix="out/broken-pair/")["KeyCount"] == 0


def test_an_algorithm_that_trains_alone_and_too_many_instances_are_refused(sm, engine):
    image = "382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1"
    alone = {"AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"}}
    with pytest.raises(ClientError, match="ValidationException.*K-Means trains on one instance here"):
        sm.create_training_job(**asks.training_job(**alone, **instances(2)))
    with pytest.raises(ClientError, match="ResourceLimitExceeded.*for training job usage' is 20 Instances"):
        sm.create_training_job(**asks.training_job(**instances(21)))


def test_several_instances_need_the_walled_sandbox(sm, monkeypatch, object_store):
    monkeypatch.setattr("engine.services.validation.available", lambda: "locked")
    script = {"sagemaker_program": '"train.py"', "sagemaker_submit_directory": f'"s3://{BUCKET}/s.tar.gz"'}
    specification = {"TrainingImage": SKLEARN, "TrainingInputMode": "File"}
    with pytest.raises(ClientError, match="network of their own, which only the walled sandbox has"):
        sm.create_training_job(
            **asks.training_job(AlgorithmSpecification=specification, HyperParameters=script, **instances(2))
        )


def test_xgboost_of_two_members_is_as_good_as_of_one_replicated_and_sharded(train, engine, object_store, cancer):
    import xgboost

    rows, held_out = cancer
    settings = {"objective": "binary:logistic", "max_depth": 3}
    alone = xgboost.train(settings, xgboost.DMatrix(rows[:, 1:], rows[:, 0]), 10)
    of_one = roc_auc_score(held_out[:, 0], alone.predict(xgboost.DMatrix(held_out[:, 1:])))

    def load(content: bytes):
        model = xgboost.Booster(model_file=bytearray(content))
        return lambda rows: model.predict(xgboost.DMatrix(rows))

    whole = train("whole", XGBOOST, 2)
    assert whole["TrainingJobStatus"] == "Completed", whole.get("FailureReason")
    assert auc(object_store, whole, cancer, "xgboost-model", load) == pytest.approx(of_one, abs=0.01)
    assert {metric["MetricName"] for metric in whole["FinalMetricDataList"]} == {"train:auc", "validation:auc"}

    mixed = [channel("train", "gang/train/", "ShardedByS3Key")]
    mixed += [channel("validation", "gang/validation/", "FullyReplicated")]
    values = XGBOOST | {"early_stopping_rounds": "10", "save_model_on_termination": "true"}
    parts = train("parts", values, 2, InputDataConfig=mixed, Environment={"SAGEWRIGHT_REFIT": "true"})
    assert parts["TrainingJobStatus"] == "Completed", parts.get("FailureReason")
    assert auc(object_store, parts, cancer, "xgboost-model", load) == pytest.approx(of_one, abs=0.01)
    for host, all_rows in (("algo-1", 200 + 85), ("algo-2", 200 + 84)):  # each held-out row counts once
        log = "\n".join(log_of(engine, "parts", host))
        assert "Train matrix has 200 rows and 30 columns" in log and f"once more on all {all_rows} rows" in log
        assert ("#011train-auc" in log) == (host == "algo-1"), "only the first member logs rounds"


@pytest.mark.long
def test_a_member_without_objects_is_left_out_of_xgboosts_training_as_by_awss(train, engine, object_store):
    one = [channel(part, f"gang/{part}/0.csv", "ShardedByS3Key") for part in ("train", "validation")]
    job = train("left-out", XGBOOST, 2, InputDataConfig=one)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert any("algo-2 does not have training data" in line for line in log_of(engine, "left-out", "algo-2"))


def test_lightgbm_of_two_members_is_as_good_as_of_one_and_stops_early_with_it(train, engine, object_store, cancer):
    import lightgbm

    rows, held_out = cancer
    settings = {"objective": "binary", "learning_rate": 0.2, "verbosity": -1, "num_threads": 1}
    alone = lightgbm.train(settings, lightgbm.Dataset(rows[:, 1:], rows[:, 0]), 15)
    of_one = roc_auc_score(held_out[:, 0], alone.predict(held_out[:, 1:]))

    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-lightgbm:4.7"
    changes: dict = {"AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"}}
    changes["InputDataConfig"] = [channel("train", "gang/train/", "ShardedByS3Key")]
    changes["InputDataConfig"] += [channel("validation", "gang/validation/", "FullyReplicated")]
    changes["Environment"] = {"SAGEWRIGHT_REFIT": "true"}
    values = {"num_boost_round": "25", "learning_rate": "0.2", "metric": "auc", "early_stopping_rounds": "4"}
    job = train("leaves", values, 2, **changes)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    load = lambda content: lightgbm.Booster(model_str=content.decode()).predict  # noqa: E731
    assert auc(object_store, job, cancer, "model.txt", load) == pytest.approx(of_one, abs=0.01)
    first, second = ("\n".join(log_of(engine, "leaves", f"algo-{n}")) for n in (1, 2))
    assert "200 rows" in first and "200 rows" in second
    assert "once more on all 285 rows" in first and "once more on all 284 rows" in second
    assert "arly stopping" in first and "val's auc" not in second
