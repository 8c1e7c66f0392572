"""Roles, buckets, clients and messages of the SDK."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sagewright import (
    JobFailed,
    NotConfigured,
    Session,
)
from sagewright.sdk.session import unique_name
from sagewright.sdk.training_job import TrainingJob, explain
from tests.unit.sagewright.amazon import USER, Amazon

ROLES = {
    "of the process": ("arn:aws:sts::123456789012:assumed-role/lab/kim", "arn:aws:iam::123456789012:role/lab"),
    "of the account": (USER["Arn"], "arn:aws:iam::123456789012:role/SageMakerRole"),
}


@pytest.mark.parametrize(("caller", "role"), ROLES.values(), ids=ROLES)
def test_the_role_is_found(caller, role):
    answer = {"Role": {"Arn": role, "Path": "/", "RoleName": "x", "RoleId": "y", "CreateDate": 0}}
    aws = Amazon(GetCallerIdentity=USER | {"Arn": caller}, GetRole=answer)
    aws.session._role = ""
    assert aws.session.role == role


def test_without_a_role_the_error_says_what_to_set(monkeypatch):
    aws = Amazon(GetRole={"Error": {"Code": "NoSuchEntity", "Message": "no"}})
    aws.session._role = ""
    with pytest.raises(NotConfigured, match="Set SAGEWRIGHT_ROLE_ARN=arn:aws:iam::<account>:role/<role>"):
        _ = aws.session.role
    monkeypatch.setenv("SAGEWRIGHT_ROLE_ARN", "mine")
    assert aws.session.role == "arn:aws:iam::123456789012:role/mine"


def test_the_default_bucket_is_made_where_there_is_none():
    aws = Amazon(HeadBucket={"Error": {"Code": "404", "Message": "Not Found", "Status": "404"}}, CreateBucket={})
    assert aws.session.bucket == "sagemaker-us-east-1-123456789012"
    assert aws.of("CreateBucket")["Bucket"] == aws.session.bucket


LOG = """Training
Traceback (most recent call last):
  File "/opt/ml/code/train.py", line 6, in <module>
    main()
  File "/opt/ml/code/sagewright/runtime/job.py", line 40, in main
    model.train(**channels)
  File "/opt/ml/code/ridge.py", line 12, in train
    1 / 0
ZeroDivisionError: division by zero
Reporting training FAILURE""".splitlines()


def test_a_failure_names_the_error_and_the_place_in_the_persons_code():
    text = explain("j", "AlgorithmError: ExecuteUserScriptError", LOG)
    assert text.startswith("Training job j failed in ridge.py, line 12, train: ZeroDivisionError: division by zero")
    assert "local=True" in text
    assert explain("j", "Quota.", ["Training"]) == "Training job j failed: Quota. Its log: sagewright logs j"


def test_a_failed_job_raises_and_a_running_one_has_no_artifact_yet():
    described = {"TrainingJobName": "j", "TrainingJobArn": "arn:j", "TrainingJobStatus": "Failed", "FailureReason": "x"}
    logs = {
        "DescribeLogStreams": {"logStreams": [{"logStreamName": "j/algo-1"}]},
        "GetLogEvents": {"events": [{"message": line} for line in LOG], "nextForwardToken": "f/1"},
    }
    aws = Amazon(DescribeTrainingJob=described, **logs)
    with pytest.raises(JobFailed, match="ZeroDivisionError") as raised:
        TrainingJob("j", aws.session).wait()
    assert (raised.value.reason, raised.value.log[-1]) == ("x", "Reporting training FAILURE")
    aws = Amazon(DescribeTrainingJob=described | {"TrainingJobStatus": "InProgress"}, StopTrainingJob={})
    with pytest.raises(JobFailed, match="still runs"):
        _ = TrainingJob("j", aws.session).artifact
    with pytest.raises(KeyError), TrainingJob("j", aws.session):
        raise KeyError
    assert aws.of("StopTrainingJob") == {"TrainingJobName": "j"}


def test_a_name_in_another_alphabet_makes_a_name_that_sagemaker_takes():
    assert re.fullmatch("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", unique_name("모델"))
    assert unique_name("모델 Ridge").startswith("Ridge-")


def test_clients_are_made_once_by_threads_that_ask_at_the_same_time():
    services = []

    class Slow(Session):
        def _new_client(self, service):
            time.sleep(0.05)
            services.append(service)
            return object()

    session = Slow(region="us-east-1")
    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(session.client, ["s3"] * 4))) == 1
    assert services == ["s3"]


def test_without_a_region_the_error_names_the_engine_too(monkeypatch, tmp_path):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setattr("sagewright.sdk.session.account_variables", lambda: ({}, "environment"))
    with pytest.raises(NotConfigured, match="There is no Region. .* start it with `sagewright up`"):
        _ = Session().region
