"""Script mode through the wire: boto3 asks as the SageMaker Python SDK does, a worker's own code runs the script."""

import gzip
import io
import json
import tarfile

import pytest
from botocore.exceptions import ClientError

from algorithms.formats.recordio import read_frames
from common.s3_uri import split_s3_uri
from engine.models import TrainingJob
from engine.training.work import TRAINING
from tests.wire import asks
from tests.wire.conftest import BUCKET

GROUP = "/aws/sagemaker/TrainingJobs"
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
SCRIPT = """
import argparse, json, os, socket
from pathlib import Path
from helper import double

parser = argparse.ArgumentParser()
parser.add_argument("--n-rounds", type=int)
args = parser.parse_args()
rows = Path(os.environ["SM_CHANNEL_TRAIN"], "train.csv").read_text().splitlines()
for n in range(args.n_rounds):
    print(f"round {n}: accuracy={0.5 + n / 10}", flush=True)
Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(str(double(len(rows))))
try:
    socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), timeout=2)
    reached = True
except OSError:
    reached = False
secret = [n for n in os.environ if "SECRET" in n or "AWS_ACCESS" in n]
facts = {"cwd": os.getcwd(), "reached": reached, "secret": secret, "waiting": os.environ.get("OMP_WAIT_POLICY")}
Path(os.environ["SM_OUTPUT_DATA_DIR"], "facts.json").write_text(json.dumps(facts))
"""
SAVES = """
import os
from pathlib import Path
import joblib, numpy as np, xgboost
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

x = np.arange(40.0).reshape(20, 2)
labels = np.arange(20) % 2
folder = Path(os.environ["SM_MODEL_DIR"])
for name, kind in {"c": xgboost.XGBClassifier, "r": xgboost.XGBRegressor, "f": xgboost.XGBRFClassifier}.items():
    model = kind(n_estimators=2).fit(x, labels)
    model.save_model(folder / f"{name}.json")
    again = kind()
    again.load_model(folder / f"{name}.json")
    assert (again.predict(x) == model.predict(x)).all()
    joblib.dump(model, folder / f"{name}.joblib")
best = GridSearchCV(make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=2)), {}, cv=2).fit(x, labels)
best.best_estimator_[-1].save_model(folder / "best.ubj")
"""


def archive(files: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content.encode())
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            tar.addfile(entry, io.BytesIO(content.encode()))
    return stream.getvalue()


@pytest.fixture
def run(sm, zygote, settings, tmp_path, object_store):
    """Creates a script's job as SDK v2 does, runs it as a training worker does, and describes it."""
    settings.JOBS_FOLDER = tmp_path

    def run_now(name: str, files: dict[str, str], program: str = "train.py", hyperparameters=(), **changes) -> dict:
        key = f"{name}/source/sourcedir.tar.gz"
        object_store.put_object(Bucket=BUCKET, Key=key, Body=archive(files))
        values = {
            "sagemaker_program": program,
            "sagemaker_submit_directory": f"s3://{BUCKET}/{key}",
            "sagemaker_container_log_level": 20,
            **dict(hyperparameters),
        }
        specification = {"TrainingImage": SKLEARN, "TrainingInputMode": "File"}
        specification["MetricDefinitions"] = [{"Name": "accuracy", "Regex": "accuracy=([0-9.]+)"}]
        encoded = {key: json.dumps(value) for key, value in values.items()}
        request = {"AlgorithmSpecification": specification, "HyperParameters": encoded, **changes}
        sm.create_training_job(**asks.training_job(name, **request))
        TRAINING.perform(TrainingJob.objects.get(name=name).pk)
        return sm.describe_training_job(TrainingJobName=name)

    return run_now


def log_of(engine, name: str) -> str:
    logs = engine.client("logs")
    (stream,) = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")["logStreams"]
    events = logs.get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"], startFromHead=True)
    return "\n".join(event["message"] for event in events["events"])


def unpacked(object_store, uri: str) -> dict[str, str]:
    bucket, key = split_s3_uri(uri)
    body = object_store.get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        return {member.name: tar.extractfile(member).read().decode() for member in tar if member.isfile()}


def test_a_script_trains_alone_and_its_model_output_and_metrics_arrive(run, engine, object_store, control_url):
    files = {"train.py": SCRIPT, "helper.py": "def double(n):\n    return 2 * n\n"}
    port = control_url.rpartition(":")[2]
    job = run("scripted", files, hyperparameters={"n-rounds": 3}, Environment={"PORT": port})
    log = log_of(engine, "scripted")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason", "") + log
    assert job["FinalMetricDataList"][0]["MetricName"] == "accuracy"
    assert job["FinalMetricDataList"][0]["Value"] == pytest.approx(0.7)
    artifact = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert unpacked(object_store, artifact) == {"model.txt": "4"}
    facts = json.loads(unpacked(object_store, artifact.replace("model.tar.gz", "output.tar.gz"))["facts.json"])
    assert facts["reached"] is False and facts["secret"] == []
    assert facts["cwd"].endswith("/code") and facts["waiting"] == "PASSIVE"
    assert "Invoking user script" in log and "Reporting training SUCCESS" in log


def test_a_failing_script_says_so_in_awss_words_with_its_last_error(run):
    job = run("failing", {"train.py": "raise KeyError('amount')"})
    assert job["TrainingJobStatus"] == "Failed"
    reason = job["FailureReason"]
    assert reason.startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage \"KeyError: 'amount'\"")
    assert reason.endswith('-- train.py", exit code: 1')


def test_a_source_with_a_setup_is_installed_and_run_as_a_module(run, engine, object_store):
    setup = "from setuptools import setup\nsetup(name='own', version='1', packages=['own'])\n"
    program = "from own.part import WORD\nimport sys\nprint('ran', __name__, WORD, sys.argv[1:])\n"
    files = {"setup.py": setup, "own/__init__.py": "", "own/part.py": "WORD = 'part'\n", "train.py": program}
    job = run("packaged", files, hyperparameters={"a": 1})
    log = log_of(engine, "packaged")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason", "") + log
    assert "ran __main__ part ['-a', '1']" in log and "-m train -a 1" in log


def test_requirements_that_cannot_be_had_fail_before_the_script_starts(run, engine):
    files = {"train.py": "print('it ran')", "requirements.txt": "numpy\n-e git+https://example.com/x\n"}
    job = run("unavailable", files)
    assert job["FailureReason"].startswith("ClientError: requirements.txt, line 2, cannot be installed")
    assert "it ran" not in log_of(engine, "unavailable")


def test_an_entry_point_of_the_request_is_run_as_the_sdks_third_version_asks(run, engine, object_store):
    object_store.put_object(
        Bucket=BUCKET, Key="v3/code/go.sh", Body=b'echo "in $PWD as $TRAINING_JOB_NAME"; which pip3'
    )
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/v3/code/"}
    channel = {"ChannelName": "code", "DataSource": {"S3DataSource": source}}
    command = ["-c", "chmod +x /opt/ml/input/data/code/go.sh && /opt/ml/input/data/code/go.sh"]
    specification = {"TrainingImage": "python:3.11", "TrainingInputMode": "FastFile", "ContainerArguments": command}
    specification["ContainerEntrypoint"] = ["/bin/bash"]
    changes = {"AlgorithmSpecification": specification, "HyperParameters": {"a": "1"}, "InputDataConfig": [channel]}
    job = run("entrypoint", {}, **changes)
    log = log_of(engine, "entrypoint")
    assert job["TrainingJobStatus"] == "Completed", log
    assert "as entrypoint" in log and "/bin/pip3" in log and "FastFile mode is served as File mode" in log


@pytest.mark.parametrize("missing", ["sagemaker_program", "sagemaker_submit_directory"])
def test_a_frameworks_image_without_its_script_is_refused_at_once(sm, missing):
    values = {"sagemaker_program": '"train.py"', "sagemaker_submit_directory": '"s3://b/k.tar.gz"'}
    del values[missing]
    specification = {"TrainingImage": SKLEARN, "TrainingInputMode": "File"}
    request = asks.training_job(AlgorithmSpecification=specification, HyperParameters=values)
    with pytest.raises(ClientError, match=f"lacks the hyperparameter {missing}"):
        sm.create_training_job(**request)


def test_an_unknown_image_is_refused_with_what_there_is(sm):
    specification = {"TrainingImage": "1.dkr.ecr.us-east-1.amazonaws.com/mine:1", "TrainingInputMode": "File"}
    with pytest.raises(ClientError, match=r"mine:1, and it runs no containers.*image of a framework.*scikit-learn"):
        sm.create_training_job(**asks.training_job(AlgorithmSpecification=specification))


def test_checkpoints_are_in_s3_after_a_job_and_back_in_the_next(run, engine, object_store):
    script = """
import os, pathlib
folder = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "checkpoints")
print("restored:", sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()))
(folder / "deep").mkdir(exist_ok=True)
(folder / "deep" / "last.txt").write_text("epoch 3")
(folder / "link").symlink_to("/etc/passwd")
raise SystemExit(3)
"""
    config = {"S3Uri": f"s3://{BUCKET}/checkpoints/one"}
    assert run("first", {"train.py": script}, CheckpointConfig=config)["TrainingJobStatus"] == "Failed"
    listed = object_store.list_objects_v2(Bucket=BUCKET, Prefix="checkpoints/one/")["Contents"]
    assert [item["Key"] for item in listed] == ["checkpoints/one/deep/last.txt"]
    run("second", {"train.py": script}, CheckpointConfig=config)
    assert "restored: ['deep/last.txt']" in log_of(engine, "second")


@pytest.mark.parametrize("path", ["/etc", "/opt/ml/model", "/opt/ml/checkpoints/../input", "/opt/ml"])
def test_checkpoints_have_a_folder_of_their_own(sm, path):
    values = {"sagemaker_program": '"train.py"', "sagemaker_submit_directory": f'"s3://{BUCKET}/k.tar.gz"'}
    specification = {"TrainingImage": SKLEARN, "TrainingInputMode": "File"}
    config = {"S3Uri": f"s3://{BUCKET}/c", "LocalPath": path}
    request = {"AlgorithmSpecification": specification, "HyperParameters": values, "CheckpointConfig": config}
    with pytest.raises(ClientError, match="CheckpointConfig.LocalPath cannot be used"):
        sm.create_training_job(**asks.training_job(**request))


def test_a_script_saves_what_xgboosts_interface_of_scikit_learn_has_fitted(run):
    """XGBoost 3.0 refuses to save a classifier beside scikit-learn 1.8 and later; the environment has 1.7."""
    described = run("saves", {"train.py": SAVES})
    assert described["TrainingJobStatus"] == "Completed", described.get("FailureReason")


PIPED = """
import json, os
base = os.environ["SM_CHANNEL_TRAIN"]
epochs = []
for number in range(3):
    with open(f"{base}_{number}", "rb") as pipe:
        epochs.append(pipe.read(3 if number == 1 else -1).decode("latin-1"))
names = sorted(os.listdir(os.path.dirname(base)))
facts = {"epochs": epochs, "names": names, "mode": os.environ["SM_INPUT_DATA_CONFIG"]}
with open(os.environ["SM_OUTPUT_DATA_DIR"] + "/facts.json", "w") as file:
    json.dump(facts, file)
"""


def piped(prefix: str, **changes) -> list[dict]:
    (channel,) = asks.training_job()["InputDataConfig"]
    source = channel["DataSource"]["S3DataSource"] | {"S3Uri": f"s3://{BUCKET}/{prefix}/"}
    return [channel | {"InputMode": "Pipe", "DataSource": {"S3DataSource": source}} | changes]


def test_a_script_reads_a_channel_from_a_pipe_for_each_epoch(run, engine, object_store):
    texts = {"a": "first\n", "b": "second\n" * 30_000, "c": "third\n"}  # more than a pipe holds
    for name, text in texts.items():
        object_store.put_object(Bucket=BUCKET, Key=f"pipes-plain/{name}.csv", Body=text.encode())
        object_store.put_object(Bucket=BUCKET, Key=f"pipes-gzip/{name}.gz", Body=gzip.compress(text.encode()))
    whole = "".join(texts.values())
    for name, channels in {
        "plain": piped("pipes-plain"), "packed": piped("pipes-gzip", CompressionType="Gzip"),
        "shuffled": piped("pipes-plain", ShuffleConfig={"Seed": 5}),
        "wrapped": piped("pipes-plain", RecordWrapperType="RecordIO"),
    }.items():  # fmt: skip
        job = run(name, {"train.py": PIPED}, InputDataConfig=channels)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason", "") + log_of(engine, name)
        output = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
        facts = json.loads(unpacked(object_store, output)["facts.json"])
        assert facts["names"] in (["train_3"], ["train_3", "train_4"]) and '"TrainingInputMode":"Pipe"' in facts["mode"]
        first, start, last = facts["epochs"]
        if name == "shuffled":
            assert sorted(first.split()) == sorted(last.split()) == sorted(whole.split()) and first != last
        elif name == "wrapped":
            assert [bytes(one).decode() for one in read_frames(first.encode("latin-1"))] == [*texts.values()]
        else:
            sizes = (len(first), start, len(last))
            assert sizes == (len(whole), "fir", len(whole)) and {first, last} == {whole}


def test_a_script_that_puts_a_link_in_the_place_of_a_pipe_has_nothing_written_there(run, object_store):
    script = """
import os, time
base = os.environ["SM_CHANNEL_TRAIN"]
target = os.environ["SM_MODEL_DIR"] + "/model.txt"
open(target, "w").write("as it was")
os.unlink(base + "_0")
os.symlink(target, base + "_0")
time.sleep(0.5)
"""
    job = run("linked", {"train.py": script}, InputDataConfig=piped("in/train"))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert unpacked(object_store, job["ModelArtifacts"]["S3ModelArtifacts"]) == {"model.txt": "as it was"}


def test_records_and_packed_objects_in_a_pipe_are_refused_together(sm, object_store):
    channels = piped("in/train", RecordWrapperType="RecordIO", CompressionType="Gzip")
    values = {"sagemaker_program": '"train.py"', "sagemaker_submit_directory": f'"s3://{BUCKET}/code.tar.gz"'}
    specification = {"TrainingImage": SKLEARN, "TrainingInputMode": "File"}
    request = {"AlgorithmSpecification": specification, "HyperParameters": values, "InputDataConfig": channels}
    with pytest.raises(ClientError, match="this engine has either"):
        sm.create_training_job(**asks.training_job(**request))
