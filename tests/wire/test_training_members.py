"""Training jobs with several instances, through the wire: their network, their shares of the data, their one end."""

import json

import pytest
from botocore.exceptions import ClientError

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


def channel(name: str, folder: str, distribution: str) -> dict:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{folder}/", "S3DataDistributionType": distribution}
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def instances(count: int) -> dict:
    return {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 5}}


@pytest.fixture
def parts(object_store):
    for name in ("a", "b", "c"):
        object_store.put_object(Bucket=BUCKET, Key=f"parts/{name}.csv", Body=b"1,2\n")
    return [channel("whole", "parts", "FullyReplicated"), channel("part", "parts", "ShardedByS3Key")]


def test_two_members_meet_by_name_and_each_has_its_part_of_the_objects(run, parts, engine, object_store):
    job = run("pair", {"train.py": MEMBER}, InputDataConfig=parts, **instances(2))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    files = unpacked(object_store, job["ModelArtifacts"]["S3ModelArtifacts"])
    first, second = (json.loads(files[f"algo-{n}.json"]) for n in (1, 2))
    assert first["whole"] == second["whole"] == ["a.csv", "b.csv", "c.csv"]
    assert (first["part"], second["part"]) == (["a.csv", "c.csv"], ["b.csv"])
    assert first["heard"] == ["from algo-2", True] and files["both.txt"] == "algo-1"
    assert [(f["called"], f["is_master"]) for f in (first, second)] == [("algo-1", True), ("algo-2", False)]
    logs = engine.client("logs")
    streams = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix="pair/")["logStreams"]
    names = [stream["logStreamName"] for stream in streams]
    assert [name.rpartition("-")[0] for name in names] == ["pair/algo-1", "pair/algo-2"]
    for host, name in zip(("algo-1", "algo-2"), names, strict=True):
        events = logs.get_log_events(logGroupName=GROUP, logStreamName=name)["events"]
        assert f"I am {host} of ['algo-1', 'algo-2'] on lo" in [event["message"] for event in events]
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"], "AWS's clients multiply it by InstanceCount"


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
