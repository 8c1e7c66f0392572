"""Events of the engine as an AWS client receives them, and what the console does with them."""

import json
from datetime import timedelta

import pytest
from celery import Celery, current_app
from django.db import transaction

from common.db.redis_client import redis
from engine import event_queue
from engine.models import AccessKey, Endpoint
from engine.models import TrainingJob as EngineJob
from engine.services import endpoints
from models_app import tasks  # noqa: F401 (registers them)
from models_app.models import Endpoint as EndpointRow
from models_app.models import TrainingJob
from models_app.sync import events
from tests.wire import asks
from tests.wire.refusals import refused

URL = f"https://sqs.us-east-1.amazonaws.com/123456789012/{event_queue.NAME}"
KEY, SECRET = "SWKIAEVENTTESTS00", "not-a-secret-of-anything"


@pytest.fixture
def queue(engine):
    """An administrator's client of SQS. The queue is empty."""
    redis().delete("sagewright:events")
    AccessKey.issue(None, AccessKey.Role.ADMINISTRATOR, access_key_id=KEY, secret=SECRET)
    return engine.client("sqs", key=KEY, secret=SECRET)


def received(queue, **more) -> list[dict]:
    """The events that are received now; they are not deleted."""
    messages = queue.receive_message(QueueUrl=URL, MaxNumberOfMessages=10, **more).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def test_each_state_of_a_job_is_an_event_with_eventbridges_members(queue, sm):
    arn = sm.create_training_job(**asks.training_job("Told"))["TrainingJobArn"]
    job = EngineJob.objects.get()
    job.move_to("Failed", failure_reason="AlgorithmError: no", secondary_status="Failed")
    created, failed = received(queue)
    assert created["detail"]["TrainingJobStatus"] == "InProgress"
    assert {name: failed[name] for name in ("detail-type", "source", "account", "region", "resources", "version")} == {
        "detail-type": "SageMaker Training Job State Change",
        "source": "aws.sagemaker",
        "account": "123456789012",
        "region": "us-east-1",
        "resources": [arn],
        "version": "0",
    }
    described = sm.describe_training_job(TrainingJobName="Told")
    assert failed["detail"] == {
        "TrainingJobName": "Told",
        "TrainingJobArn": arn,
        "TrainingJobStatus": "Failed",
        "SecondaryStatus": "Failed",
        "FailureReason": "AlgorithmError: no",
        "CreationTime": round(described["CreationTime"].timestamp() * 1000),
        "LastModifiedTime": round(described["LastModifiedTime"].timestamp() * 1000),
    }


def test_an_endpoints_status_is_spelled_as_eventbridge_spells_it(queue):
    row = Endpoint(region="us-east-1", name="e", config_name="c")
    row.save()
    row.move_to("InService")
    assert [event["detail"]["EndpointStatus"] for event in received(queue)] == ["CREATING", "IN_SERVICE"]


def test_what_is_rolled_back_or_gone_is_no_event(queue, sm):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Endpoint(region="us-east-1", name="e", config_name="c").save()
        1 / 0  # noqa: B018
    with transaction.atomic():
        row = Endpoint(region="us-east-1", name="f", config_name="c")
        row.save()
        row.delete()
    assert received(queue) == []


def test_what_is_not_deleted_is_received_again(queue, sm, monkeypatch):
    sm.create_training_job(**asks.training_job("Once"))
    (message,) = queue.receive_message(QueueUrl=URL)["Messages"]
    assert received(queue) == [], "it is another receiver's for now"
    monkeypatch.setattr(event_queue, "VISIBILITY", 0)
    assert [event["detail"]["TrainingJobName"] for event in received(queue)] == ["Once"]
    queue.delete_message(QueueUrl=URL, ReceiptHandle=message["ReceiptHandle"])
    queue.delete_message(QueueUrl=URL, ReceiptHandle=message["ReceiptHandle"])
    assert received(queue) == []


def test_a_receiver_that_waits_hears_at_once_and_an_empty_queue_answers(queue, monkeypatch):
    monkeypatch.setattr(event_queue, "TURN", 0.05)
    assert received(queue, WaitTimeSeconds=1) == []
    with monkeypatch.context() as ending:
        ending.setattr(event_queue.is_ending, "is_set", lambda: True)
        assert received(queue, WaitTimeSeconds=20) == [], "a server that ends keeps nobody waiting"
    redis().xadd("sagewright:events", {"event": "{}"})
    assert received(queue, WaitTimeSeconds=20) == [{}]


def test_a_queue_that_nobody_reads_does_not_grow(queue, monkeypatch):
    monkeypatch.setattr(event_queue, "LENGTH", 10)
    for n in range(300):
        event_queue.send("t", "us-east-1", f"arn:{n}", {}, EngineJob(name="x").created)
    assert event_queue.waiting() < 150  # Redis takes away whole blocks of a hundred
    assert queue.get_queue_attributes(QueueUrl=URL, AttributeNames=["All"])["Attributes"]["VisibilityTimeout"] == "30"


def test_requests_that_are_refused(queue, engine):
    with refused("QueueDoesNotExist"):
        queue.receive_message(QueueUrl=URL + "-of-others")
    with refused("QueueDoesNotExist"):
        queue.get_queue_url(QueueName="orders")
    assert queue.get_queue_url(QueueName=event_queue.NAME)["QueueUrl"] == URL
    assert queue.list_queues(QueueNamePrefix="x").get("QueueUrls", []) == []
    for members in ({"MaxNumberOfMessages": 11}, {"MaxNumberOfMessages": 0}, {"WaitTimeSeconds": 21}):
        with refused("InvalidParameterValue"):
            queue.receive_message(QueueUrl=URL, **members)
    with refused("ReceiptHandleIsInvalid"):
        queue.delete_message(QueueUrl=URL, ReceiptHandle="*")
    with refused("NotServed", status=501):
        queue.send_message(QueueUrl=URL, MessageBody="x")
    with refused("AccessDeniedException", status=403):
        engine.client("sqs").receive_message(QueueUrl=URL)


@pytest.fixture
def console(queue, engine, monkeypatch, settings) -> list[tuple[str, tuple]]:
    """The console asks this engine; the tasks that it sends."""
    for name, value in {
        "AWS_ENDPOINT_URL": engine.url, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("models_app.sync.events.WAIT", 0)
    settings.EVENTS_QUEUE = URL
    sent: list[tuple[str, tuple]] = []

    def send(app: Celery, task: str, args: tuple = (), *_, **more) -> None:
        if task.startswith("models_app."):  # no worker of the engine's runs the job
            sent.append((task, args))

    monkeypatch.setattr(Celery, "send_task", send)
    return sent


def perform(sent: list[tuple[str, tuple]]) -> None:
    while sent:
        task, args = sent.pop(0)
        current_app.tasks[task].apply(args, throw=True)


def test_the_console_looks_at_what_changed_and_finds_what_is_new(console, sm):
    sm.create_training_job(**asks.training_job("Elsewhere"))
    assert events.receive() == 1
    perform(console)
    row = TrainingJob.objects.get()
    assert (row.name, row.status, row.external) == ("Elsewhere", "InProgress", True)
    EngineJob.objects.get().move_to("Failed", failure_reason="AlgorithmError: no", secondary_status="Failed")
    assert events.receive() == 1
    perform(console)
    row.refresh_from_db()
    assert (row.status, row.failure_reason) == ("Failed", "AlgorithmError: no")
    assert events.receive() == 0


def test_several_events_of_one_endpoint_are_one_look_and_its_creation_is_none(console):
    row = Endpoint(region="us-east-1", name="busy", config_name="c")
    row.save()
    EndpointRow.objects.create(name="busy", status="Creating")
    for status in ("InService", "Updating", "InService"):
        row.move_to(status)
    assert events.receive() == 4
    assert console == [
        (f"models_app.sync.tasks.{task}", ("busy",)) for task in ("find_endpoint", "follow_endpoint_event")
    ]
    perform(console)
    assert EndpointRow.objects.get().status == "InService"


def test_an_endpoint_that_is_created_elsewhere_is_found(console, monkeypatch):
    monkeypatch.setattr(endpoints, "MAX_WAIT", timedelta(0))
    Endpoint(region="us-east-1", name="new", config_name="c").save()
    assert events.receive() == 1
    perform(console)
    row = EndpointRow.objects.get()
    assert (row.name, row.status, row.external) == ("new", "Creating", True)


@pytest.mark.parametrize(
    "body",
    ["", "no JSON", "[]", "3", '{"detail-type": ["x"]}', '{"detail-type": "SageMaker Training Job State Change"}',
     '{"detail-type": "SageMaker Endpoint State Change", "detail": {"EndpointName": 7}}',
     '{"detail-type": "SageMaker Model State Change", "detail": {"ModelName": "m"}}'],
)  # fmt: skip
def test_what_is_no_event_is_taken_out_of_the_queue(console, body, monkeypatch):
    redis().xadd("sagewright:events", {"event": body})
    assert events.receive() == 1
    monkeypatch.setattr(event_queue, "VISIBILITY", 0)
    assert (events.receive(), console) == (0, [])
