"""A tuning job of the console is launched exactly once, whatever is lost, and a stop before its launch holds.

botocore's stubs answer, as Amazon SageMaker does.
"""

import uuid

import pytest
from botocore.stub import ANY, Stubber

from jobs.tuning.search import Range, Search
from models_app import aws
from models_app.aws import s3_store
from models_app.models import Model, TrainingJob, TuningJob
from models_app.tuning import actions
from models_app.tuning.template import model_of_trial, plan_of
from tests.boto import make_client

Status = TuningJob.Status
ARN = "arn:aws:sagemaker:us-east-1:123456789012:hyper-parameter-tuning-job/tune"
SEARCH = Search({"eta": Range("0.1", "0.5"), "max_depth": Range("2", "8")}, max_jobs=6)
TEMPLATE = {
    "algorithm": "xgboost", "data_uri": "s3://b/t.csv", "data_etag": "e", "target": "y", "has_header": True,
    "hyperparameters": {"num_round": "20", "eta": "0.2"}, "instance_type": "ml.m5.large", "recipe": {"target": "y"},
}  # fmt: skip


@pytest.fixture
def row(alice, monkeypatch) -> TuningJob:
    """Alice's tuning job, its data prepared."""
    monkeypatch.setattr(s3_store, "locate", lambda _: None)
    monkeypatch.setattr(s3_store, "must_be", lambda *_: None)
    row = actions.begin(alice, "tune", TEMPLATE, SEARCH, uuid.uuid4(), {"team": "fraud"})
    row.channels = {"train": "s3://b/sagewright/tune/train/", "validation": "s3://b/sagewright/tune/validation/"}
    row.schema, row.hyperparameters = {"task": "binary"}, {"num_round": "20", "eta": "0.2", "objective": "x"}
    row.save()
    row.move_to(Status.LAUNCHING)
    return row


@pytest.fixture
def sagemaker(monkeypatch):
    client = make_client("sagemaker", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    monkeypatch.setattr(aws, "client", lambda *_, **__: client)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def answer_that_it_is_there(stub: Stubber, intent: object) -> None:
    described = {
        "HyperParameterTuningJobName": "tune", "HyperParameterTuningJobArn": ARN,
        "HyperParameterTuningJobConfig": {"Strategy": "Random", "ResourceLimits": {"MaxParallelTrainingJobs": 1}},
        "HyperParameterTuningJobStatus": "InProgress", "CreationTime": 0,
        "TrainingJobStatusCounters": {}, "ObjectiveStatusCounters": {},
    }  # fmt: skip
    stub.add_response("describe_hyper_parameter_tuning_job", described)
    stub.add_response("list_tags", {"Tags": [{"Key": "sagewright:intent", "Value": str(intent)}]})


def test_the_request_is_that_of_the_plan_with_its_owner(row, sagemaker):
    request = plan_of(row).request()
    assert request["TrainingJobDefinition"]["StaticHyperParameters"] == {"num_round": "20", "objective": "x"}
    assert [c["ChannelName"] for c in request["TrainingJobDefinition"]["InputDataConfig"]] == ["train", "validation"]
    tags = [
        {"Key": "sagewright:intent", "Value": str(row.intent)},
        {"Key": "sagewright:owner", "Value": "alice"},
        {"Key": "team", "Value": "fraud"},
    ]
    answer = {"HyperParameterTuningJobArn": ARN}
    sagemaker.add_response("create_hyper_parameter_tuning_job", answer, request | {"Tags": tags})
    actions.launch(row)
    assert (row.status, row.arn) == ("InProgress", ARN)
    actions.launch(row)  # repeated: nothing is asked


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_name_that_is_taken_is_ours_after_a_lost_answer_or_fails_the_job(row, sagemaker, is_ours):
    sagemaker.add_client_error("create_hyper_parameter_tuning_job", "ResourceInUse", "exists", 400)
    answer_that_it_is_there(sagemaker, row.intent if is_ours else uuid.uuid4())
    actions.launch(row)
    assert row.status == ("InProgress" if is_ours else "Failed")
    assert is_ours or "not made by this console" in row.failure_reason


def test_while_sagemaker_is_away_the_job_waits(row, sagemaker):
    sagemaker.add_client_error("create_hyper_parameter_tuning_job", "ThrottlingException", "slow", 400)
    with pytest.raises(aws.Unavailable):
        actions.launch(row)
    row.refresh_from_db()
    assert row.status == "Launching" and row.note


def test_a_stop_before_the_launch_is_known_asks_whether_it_was_launched(row, sagemaker):
    assert actions.STOPPING.stop_many([row.pk]) == 1
    row.refresh_from_db()
    row.launch_attempts = 1
    answer_that_it_is_there(sagemaker, row.intent)
    sagemaker.add_response("stop_hyper_parameter_tuning_job", {}, {"HyperParameterTuningJobName": ANY})
    actions.STOPPING.take_step(row)
    assert row.status == "Stopping"


def test_a_stop_while_the_data_is_prepared_ends_it_and_a_retry_repeats_it_once(alice, monkeypatch):
    monkeypatch.setattr(s3_store, "locate", lambda _: type("Source", (), {"etag": "new"}))
    row = actions.begin(alice, "tune", TEMPLATE, SEARCH, uuid.uuid4(), {"team": "fraud"})
    assert actions.STOPPING.stop_many([row.pk]) == 1
    row.refresh_from_db()
    assert row.status == "Stopped"
    again = actions.retry(row)
    assert (again.name, again.template["data_etag"], again.pk) == ("tune-b", "new", actions.retry(row).pk)
    again.move_to(Status.FAILED)
    third = actions.retry(row)  # a retry that failed is in the way of no other
    assert third.pk not in (row.pk, again.pk) and third.pk == actions.retry(again).pk


def test_the_model_of_a_try_has_its_values(row, alice):
    job = TrainingJob(
        name="tune-001", hyperparameters={"eta": "0.4", "max_depth": "3", "objective": "x"},
        described={"TuningJobArn": ARN},
    )  # fmt: skip
    model = model_of_trial(job)
    assert isinstance(model, Model) and model.pk is None and model.owner == alice
    assert model.hyperparameters == {"num_round": "20", "eta": "0.4", "max_depth": "3"}
    assert model_of_trial(TrainingJob(name="other")) is None
