import re
from pathlib import Path

import pytest
from celery import current_app
from kombu.exceptions import OperationalError

import models_app
from models_app import hurry, reconciling, tasks
from models_app.models import Model, TrainingJob

pytestmark = pytest.mark.django_db
SOURCES = Path(models_app.__file__).parent.rglob("*.py")


def test_whatever_is_hurried_is_a_task():
    named = {name for file in SOURCES for name in re.findall(r'hurry\("(\w+)"', file.read_text())}
    named |= {*reconciling._JOB_STEPS.values(), *reconciling._ENDPOINT_STEPS.values()}
    assert len(named) >= 8
    assert {name for name in named if f"models_app.tasks.{name}" not in current_app.tasks} == set()


def test_a_dead_broker_does_not_fail_the_click(monkeypatch, django_capture_on_commit_callbacks):
    def dead(*_, **__):
        raise OperationalError("no broker")

    monkeypatch.setattr(current_app._get_current_object(), "send_task", dead)
    with django_capture_on_commit_callbacks(execute=True):
        hurry.hurry("poll")


def test_nothing_unfinished_costs_nothing(no_endpoint):
    tasks.poll()  # would raise: there is no engine to ask


def test_a_row_that_is_gone_needs_nothing(no_endpoint):
    tasks.launch_training_job(12345)
    tasks.remove_model(12345)


def test_a_finished_job_whose_log_was_read_is_finished(training):
    TrainingJob.objects.update(status="Completed", log_done=True)
    assert not tasks.following.unfinished()
    TrainingJob.objects.update(log_done=False)
    assert tasks.following.unfinished()
    TrainingJob.objects.update(log_done=True)
    Model.objects.update(deleting=True)
    assert tasks.following.unfinished()
