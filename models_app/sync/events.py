"""Receives SageMaker's events, which EventBridge puts into an SQS queue, and has what they are about looked at now.

Events are a shortcut: one that is lost, late or doubled changes nothing, because `sweep` looks at everything anyway.
"""

import json
import logging
import time

from django.conf import settings

from common.problems import Problem
from models_app import aws
from models_app.work.enqueue import enqueue

MOST = 10  # events of one answer
WAIT = 20  # seconds that SQS waits for the first
PAUSE = 5.0  # seconds after a failure
TASKS = {  # detail-type: (member of the detail that has the name, task that looks at it)
    "SageMaker Training Job State Change": ("TrainingJobName", "sync.follow_job_event"),
    "SageMaker Transform Job State Change": ("TransformJobName", "sync.follow_transform_event"),
    "SageMaker HyperParameter Tuning Job State Change": ("HyperParameterTuningJobName", "sync.follow_tuning_event"),
    "SageMaker Endpoint State Change": ("EndpointName", "sync.follow_endpoint_event"),
}
log = logging.getLogger(__name__)


def receive_for_ever() -> None:
    """Receive events until the process ends."""
    silent = False
    while True:
        try:
            receive()
            silent = False
        except Problem as e:
            if not silent:
                log.warning("no events from %s, changes are seen by polling: %s", settings.EVENTS_QUEUE, e.message)
            silent = True
            time.sleep(PAUSE)


def receive() -> int:
    """Wait for events, send a task for each and delete them; the number of events. Raises Problem."""
    sqs = aws.client("sqs")
    with aws.plain_errors():
        messages = sqs.receive_message(
            QueueUrl=settings.EVENTS_QUEUE, MaxNumberOfMessages=MOST, WaitTimeSeconds=WAIT
        ).get("Messages", [])
        for task in dict.fromkeys(task for message in messages if (task := _task_of(message["Body"]))):
            enqueue(*task, expires=10)
        if messages:
            handles = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
            sqs.delete_message_batch(QueueUrl=settings.EVENTS_QUEUE, Entries=handles)
    return len(messages)


def _task_of(body: str) -> tuple[str, str] | None:
    """The task for an event and the name that it is about; None for what is no event that anybody follows."""
    try:
        event = json.loads(body)
        member, task = TASKS[event["detail-type"]]
        name = event["detail"][member]
        if event["detail"].get("EndpointStatus") == "CREATING":
            task = "sync.find_endpoint"  # to ask what it is would hold a worker: SageMaker answers once that changes
    except (ValueError, KeyError, TypeError):
        return None
    return (task, name) if isinstance(name, str) else None
