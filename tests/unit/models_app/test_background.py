import re
from pathlib import Path

import pytest
from celery import current_app
from kombu.exceptions import OperationalError

import engine.tasks
import models_app
from common.db.queue import queue_of
from engine.hosting.claims import DEPLOYMENT
from engine.training.work import TRAINING
from models_app import sync, tasks
from models_app.data.scans import SCANNING
from models_app.models import Model, TrainingJob
from models_app.notifications.delivery import DELIVERY
from models_app.sync import reconcile
from models_app.training.prepare import PREPARATION
from models_app.work import enqueue

pytestmark = pytest.mark.django_db
KINDS = (SCANNING, PREPARATION)
SOURCES = Path(models_app.__file__).parent.rglob("*.py")


def test_whatever_is_enqueued_is_a_task():
    named = {name for file in SOURCES for name in re.findall(r'enqueue\("([\w.]+)"', file.read_text())}
    named |= {"training.launch_training_job", *reconcile._ENDPOINT_STEPS.values()}
    assert len(named) >= 7
    assert {enqueue.task_name(name) for name in named} | {work.task for work in KINDS} <= {*current_app.tasks}
    assert (DEPLOYMENT.task, TRAINING.task) == (engine.tasks.deploy.name, engine.tasks.run.name)


def test_whatever_reads_tables_or_waits_for_others_has_a_queue_of_its_own():
    assert {queue_of(work.task) for work in KINDS} == {"tables"}
    of_queue: dict[str, set[str]] = {}
    for name in (name for name in current_app.tasks if name.startswith(("models_app", "engine"))):
        of_queue.setdefault(queue_of(name), set()).add(name)
    assert set(of_queue) == {"console", "tables", "sending", "training"}
    waiting = {"deliver", "run_load_test", "measure_drift", "refresh_traffic", "refresh_all_traffic", "run_retention"}
    assert {name.rpartition(".")[2] for name in of_queue["sending"]} == waiting
    assert queue_of(DELIVERY.task) == "sending"


def test_a_dead_broker_does_not_fail_the_click(monkeypatch, django_capture_on_commit_callbacks):
    def dead(*_, **__):
        raise OperationalError("no broker")

    monkeypatch.setattr(current_app._get_current_object(), "send_task", dead)
    with django_capture_on_commit_callbacks(execute=True):
        enqueue.enqueue("sync.poll")


def test_nothing_unfinished_costs_nothing(no_endpoint):
    tasks.sync.poll()  # would raise: there is no engine to ask


def test_a_row_that_is_gone_needs_nothing(no_endpoint):
    tasks.training.launch_training_job(12345)
    tasks.catalog.remove_model(12345)


def test_a_finished_job_whose_log_was_read_is_finished(training):
    TrainingJob.objects.update(status="Completed", log_done=True)
    assert not sync.unfinished()
    TrainingJob.objects.update(log_done=False)
    assert sync.unfinished()
    TrainingJob.objects.update(log_done=True)
    Model.objects.update(deleting=True)
    assert sync.unfinished()
