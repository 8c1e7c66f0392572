"""Batch transform through the wire: boto3 asks, a worker's own code transforms, boto3 reads the output."""

import gzip
import io
import json
import tarfile
from datetime import timedelta

import numpy as np
import pytest
import xgboost
from botocore.exceptions import ClientError
from django.utils.timezone import now

from engine.jobs import runner
from engine.models import TransformJob
from engine.transform.work import TRANSFORM
from tests.wire import asks
from tests.wire.conftest import BUCKET
from tests.wire.test_training_scripts import SKLEARN, archive

GROUP = "/aws/sagemaker/TransformJobs"
ROWS = "".join(f"{i},{i / 10},{-i}\n" for i in range(20))
SUM = """
import json, os
def model_fn(folder):
    print("batch is", os.environ["SAGEMAKER_BATCH"])
    return 1
def input_fn(body, content_type):
    if content_type == "application/json":
        return [sum(json.loads(line)["x"]) for line in body.splitlines()]
    return [sum(map(float, line.split(","))) for line in body.splitlines()]
def predict_fn(data, model):
    return data
def output_fn(prediction, accept):
    if "json" in accept:
        return "\\n".join(json.dumps({"sum": value}) for value in prediction), accept
    return "\\n".join(map(str, prediction)), accept
"""


@pytest.fixture(scope="module")
def booster() -> bytes:
    """The artifact of a model of two features."""
    x = np.random.default_rng(1).random((50, 2))
    model = xgboost.train({"objective": "reg:squarederror"}, xgboost.DMatrix(x, x[:, 0]), 3)
    content, out = bytes(model.save_raw("ubj")), io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        entry = tarfile.TarInfo("xgboost-model")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@pytest.fixture
def put(object_store):
    """Puts an object into the bucket, which other tests have left their own in."""
    for prefix in ("given/", "transformed/"):
        for item in object_store.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", []):
            object_store.delete_object(Bucket=BUCKET, Key=item["Key"])

    def put_now(key: str, body: str | bytes) -> str:
        object_store.put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"s3://{BUCKET}/{key}"

    return put_now


@pytest.fixture
def built_in(sm, put, booster):
    container = {"Image": asks.IMAGE, "ModelDataUrl": put("transform/xgboost.tar.gz", booster)}
    sm.create_model(**asks.model("built-in", PrimaryContainer=container))
    return "built-in"


@pytest.fixture
def script(sm, put):
    """Creates a model with this script; its name."""

    def make(source: str = SUM) -> str:
        url = put("transform/script.tar.gz", archive({"code/inference.py": source}))
        container = {"Image": SKLEARN, "ModelDataUrl": url, "Environment": {"SAGEMAKER_PROGRAM": "inference.py"}}
        sm.create_model(**asks.model("script", PrimaryContainer=container))
        return "script"

    return make


@pytest.fixture
def transform(sm, zygote, settings, tmp_path, object_store):
    """Creates a job, runs it as a worker does; its description, and the output by key below its prefix."""
    settings.JOBS_FOLDER = tmp_path

    def transform_now(
        model: str, source: str, name: str = "batch", run: bool = True, transform_input=(), output=(), **changes
    ):
        sm.create_transform_job(**request(model, source, name, transform_input, output, **changes))
        if run:
            TRANSFORM.perform(TransformJob.objects.get(name=name).pk)
        listed = object_store.list_objects_v2(Bucket=BUCKET, Prefix=f"transformed/{name}/").get("Contents", [])
        read = {
            item["Key"].removeprefix(f"transformed/{name}/"): object_store.get_object(Bucket=BUCKET, Key=item["Key"])[
                "Body"
            ].read()
            for item in listed
        }
        return sm.describe_transform_job(TransformJobName=name), read

    return transform_now


def request(model: str, source: str, name: str = "batch", transform_input=(), output=(), **changes) -> dict:
    target = f"s3://{BUCKET}/transformed/{name}"
    data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": source}}
    return {
        "TransformJobName": name,
        "ModelName": model,
        "TransformInput": {"DataSource": data, "ContentType": "text/csv", "SplitType": "Line", **dict(transform_input)},
        "TransformOutput": {
            "S3OutputPath": target,
            "AssembleWith": "Line",
            **dict(output),
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    } | changes


def log_of(engine) -> list[str]:
    logs = engine.client("logs")
    return [event["message"] for event in logs.filter_log_events(logGroupName=GROUP)["events"]]


def test_a_built_in_model_predicts_every_object_of_a_prefix(transform, built_in, put, sm):
    put("given/a/one.csv", "0.1,0.2\n0.3,0.4\n")
    put("given/two.csv", "0.9,0.9\n")
    job, outputs = transform(built_in, f"s3://{BUCKET}/given/", output={"Accept": "text/csv"})
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert sorted(outputs) == ["a/one.csv.out", "two.csv.out"]
    assert [len(text.split()) for _, text in sorted(outputs.items())] == [2, 1]
    assert outputs["a/one.csv.out"].endswith(b"\n") and b"\n\n" not in outputs["a/one.csv.out"]
    assert job["TransformStartTime"] <= job["TransformEndTime"]
    waiter = sm.get_waiter("transform_job_completed_or_stopped")
    waiter.wait(TransformJobName="batch", WaiterConfig={"MaxAttempts": 1})
    (summary,) = sm.list_transform_jobs(NameContains="bat", StatusEquals="Completed")["TransformJobSummaries"]
    assert summary["TransformJobArn"] == job["TransformJobArn"]
    sm.add_tags(ResourceArn=job["TransformJobArn"], Tags=[{"Key": "a", "Value": "b"}])
    assert {"Key": "a", "Value": "b"} in sm.list_tags(ResourceArn=job["TransformJobArn"])["Tags"]


def test_input_and_prediction_are_joined_and_filtered(transform, built_in, put):
    source = put("given/rows.csv", ROWS)
    processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    job, outputs = transform(built_in, source, DataProcessing=processing, BatchStrategy="SingleRecord")
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    lines = outputs["rows.csv.out"].decode().splitlines()
    assert [line.split(",")[0] for line in lines] == [str(i) for i in range(20)]
    assert all(len(line.split(",")) == 2 for line in lines)
    assert job["DataProcessing"] == processing


def test_a_script_answers_and_several_requests_go_at_a_time(transform, script, put, engine):
    source = put("given/rows.csv", ROWS)
    job, outputs = transform(
        script(), source, output={"Accept": "text/csv"}, MaxConcurrentTransforms=2, BatchStrategy="SingleRecord",
        Environment={"MORE": "1"},
    )  # fmt: skip
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert [float(line) for line in outputs["rows.csv.out"].split()] == pytest.approx([i / 10 for i in range(20)])
    log = "\n".join(log_of(engine))
    assert "batch is true" in log
    assert ":[sagemaker logs]: MaxConcurrentTransforms=2, MaxPayloadInMB=6, BatchStrategy=SINGLE_RECORD" in log


def test_json_lines_are_joined_as_objects(transform, script, put):
    source = put("given/rows.jsonl", '{"id": 1, "x": [1, 2]}\n{"id": 2, "x": [3, 4]}\n')
    kind = {"ContentType": "application/json"}
    job, outputs = transform(
        script(), source, transform_input=kind, output={"Accept": "application/json"},
        DataProcessing={"JoinSource": "Input", "OutputFilter": "$['id','SageMakerOutput']"},
    )  # fmt: skip
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert [json.loads(line) for line in outputs["rows.jsonl.out"].splitlines()] == [
        {"id": 1, "SageMakerOutput": {"sum": 3}},
        {"id": 2, "SageMakerOutput": {"sum": 7}},
    ]


def test_compressed_objects_and_manifests_are_read(transform, script, put):
    put("given/rows.csv.gz", gzip.compress(b"1,2,3\n\n4,5,6"))
    manifest = put("given/list.manifest", json.dumps([{"prefix": f"s3://{BUCKET}/given/"}, "rows.csv.gz"]))
    data = {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": manifest}}
    parameters = {"DataSource": data, "CompressionType": "Gzip"}
    job, outputs = transform(script(), manifest, transform_input=parameters, output={"Accept": "text/csv"})
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert outputs == {"rows.csv.gz.out": b"6.0\n15.0\n"}


def test_an_object_may_have_any_name(transform, script, put):
    names = ("한글 1.csv", "a&b=c?d#e%41.csv", "new\nline.csv", "return\rx.csv", "separator\u2028x.csv", "'\"\\.csv")
    for name in names:
        put(f"given/{name}", "1,2\n")
    processing = {"JoinSource": "Input", "InputFilter": "$[1:]"}
    job, outputs = transform(
        script(), f"s3://{BUCKET}/given/", output={"Accept": "text/csv"}, DataProcessing=processing
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert outputs == {f"{name}.out": b"1,2,2.0\n" for name in names}


def test_a_bad_object_fails_the_job_and_the_others_have_their_output(transform, script, put, engine):
    put("given/bad.csv", "1,2\nno number\n")
    put("given/good.csv", "1,2\n")
    put("given/large.csv", "1," * 2**20 + "1\n")
    client = {"InvocationsMaxRetries": 0}
    job, outputs = transform(
        script(), f"s3://{BUCKET}/given/", MaxPayloadInMB=1, output={"Accept": "text/csv"}, ModelClientConfig=client
    )
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: See job logs for more information.")
    assert outputs == {"good.csv.out": b"3.0\n"}
    log = "\n".join(log_of(engine))
    assert f"[sagemaker logs]: {BUCKET}/given/bad.csv: Bad HTTP status received from algorithm: 500" in log
    assert "could not convert string to float: 'no number'" in log
    assert f"{BUCKET}/given/large.csv: Too much data for max payload size" in log


def test_a_built_in_model_refuses_what_it_cannot_read_as_the_clients_fault(transform, built_in, put, engine):
    job, outputs = transform(built_in, put("given/rows.csv", "a,b\nc,d\n"))
    assert (job["TransformJobStatus"], outputs) == ("Failed", {})
    assert job["FailureReason"].startswith(
        f"ClientError: See job logs for more information. {BUCKET}/given/rows.csv: Bad HTTP status received from "
        "algorithm: 415."
    )


def test_a_script_that_ends_its_process_loses_that_request_only(transform, script, put, engine):
    source = SUM.replace("    return data\n", "    import os\n    if data[0] < 0: os._exit(3)\n    return data\n", 1)
    put("given/a.csv", "-5\n")
    put("given/b.csv", "5\n")
    job, outputs = transform(script(source), f"s3://{BUCKET}/given/", output={"Accept": "text/csv"})
    assert job["TransformJobStatus"] == "Failed"
    assert (
        "Unable to get response from algorithm. The process of the script ended with exit code 3"
        in (job["FailureReason"])
    )
    assert outputs == {"b.csv.out": b"5.0\n"}


def test_a_script_without_a_model_fails_with_its_reason(transform, script, put, engine):
    job, outputs = transform(script("raise ImportError('no such thing')"), put("given/a.csv", "1\n"))
    assert (job["TransformJobStatus"], outputs) == ("Failed", {})
    assert "The model was not loaded: ImportError: no such thing" in job["FailureReason"]


def test_a_script_cannot_have_its_job_read_or_write_outside(transform, script, put, tmp_path):
    secret = tmp_path.parent / "secret.txt"
    secret.write_text("9,9\n")
    source = SUM.replace(
        "    return 1\n",
        "    import glob\n"
        f"    base = os.environ['SAGEMAKER_BASE_DIR']\n"
        f"    for name in glob.glob(base + '/requests/*.plan'):\n"
        f"        os.unlink(name); open(name, 'w').write('\"{secret}\"\\n\"{secret}\"\\n0 4 1\\n')\n"
        "    return 1\n",
        1,
    )
    processing = {"JoinSource": "Input"}
    _, outputs = transform(script(source), put("given/a.csv", "1\n"), DataProcessing=processing)
    assert b"9" not in b"".join(outputs.values())


def test_a_job_that_waits_is_stopped_at_once(transform, built_in, put, sm):
    transform(built_in, put("given/a.csv", "1,2\n"), run=False)
    sm.stop_transform_job(TransformJobName="batch")
    TRANSFORM.perform(TransformJob.objects.get().pk)
    assert sm.describe_transform_job(TransformJobName="batch")["TransformJobStatus"] == "Stopped"
    with pytest.raises(ClientError, match="rejected because the transform job is in status Stopped"):
        sm.stop_transform_job(TransformJobName="batch")


def test_a_job_that_runs_is_stopped_and_has_no_output(transform, script, put, sm, settings, monkeypatch):
    settings.CLAIM_HEARTBEAT = 0.1
    turn = runner.Runner._turn

    def stop_when_running(self) -> None:
        if self.members and self.members[0].process and self.job.name == "batch":
            sm.stop_transform_job(TransformJobName="batch")
        turn(self)

    monkeypatch.setattr(runner.Runner, "_turn", stop_when_running)
    slow = "import time\ndef model_fn(folder):\n    time.sleep(600)\n"
    job, outputs = transform(script(slow), put("given/a.csv", "1\n"))
    assert (job["TransformJobStatus"], outputs) == ("Stopped", {})
    assert "TransformEndTime" in job


def test_a_job_whose_worker_was_killed_is_run_by_another(transform, built_in, put, settings):
    transform(built_in, put("given/a.csv", "1,2\n"), run=False)
    pk = TransformJob.objects.get().pk
    assert TRANSFORM.take(pk)
    TransformJob.objects.update(heartbeat=now() - timedelta(seconds=settings.CLAIM_LEASE + 1))
    TRANSFORM.perform(pk)
    assert (TransformJob.objects.get().status, TransformJob.objects.get().attempt) == ("Completed", 2)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"transform_input": {"SplitType": "RecordIO"}}, "SplitType RecordIO is not offered"),
        (
            {"transform_input": {"ContentType": "image/png"}, "DataProcessing": {"InputFilter": "$[0]"}},
            "only records of CSV",
        ),
        ({"DataProcessing": {"InputFilter": "$..x"}}, "has an operator that a batch transform lacks"),
        ({"DataProcessing": {"OutputFilter": "[1"}}, "is no JSONPath"),
        ({"output": {"AssembleWith": "None"}, "DataProcessing": {"JoinSource": "Input"}}, "AssembleWith that equals"),
        ({"output": {"Accept": "application/json"}, "DataProcessing": {"JoinSource": "Input"}}, "the same format"),
        ({"output": {"Accept": "application/jsonlines; reasons=5"}}, "does not offer reasons= in a batch transform"),
        ({"MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2}, "must not exceed 100 MB"),
        ({"TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 2}}, "on one instance"),
        ({"ModelName": "nobody"}, 'Could not find model "arn:aws:sagemaker:us-east-1:123456789012:model/nobody"'),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_that_cannot_be_carried_out_is_refused(sm, built_in, put, changes, words):
    source = put("given/rows.csv", ROWS)
    with pytest.raises(ClientError) as caught:
        sm.create_transform_job(**request(built_in, source, **changes))
    assert words in str(caught.value) and caught.value.response["Error"]["Code"] == "ValidationException"


def test_names_are_taken_once_and_unknown_ones_are_not_found(sm, built_in, put):
    definition = request(built_in, put("given/rows.csv", ROWS))
    sm.create_transform_job(**definition)
    with pytest.raises(sm.exceptions.ResourceInUse, match="Job name must be unique"):
        sm.create_transform_job(**definition)
    with pytest.raises(ClientError, match="Could not find requested job with name: none"):
        sm.describe_transform_job(TransformJobName="none")
