"""What the clock repeats every few seconds: which jobs are due, and that no table is read whole for it."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from engine.hosting.claims import DEPLOYMENT
from engine.training.work import TRAINING
from engine.transform.work import TRANSFORM
from models_app import sync
from models_app.catalog.evaluating import EVALUATION
from models_app.data.scans import SCANNING
from models_app.endpoints import idle
from models_app.models import TrainingJob
from models_app.notifications.delivery import DELIVERY
from models_app.sync import reconcile
from models_app.training.prepare import PREPARATION

pytestmark = pytest.mark.django_db
KINDS = (SCANNING, PREPARATION, EVALUATION, DELIVERY, DEPLOYMENT, TRAINING, TRANSFORM)
sweep = import_module("models_app.sync.sweep")  # its package has a function of that name
OF_FEW_ROWS = ("job_never_described", "job_log_unread")  # indexes with hardly a row
LARGE = ("models_app_trainingjob", "models_app_evaluation", "models_app_delivery", "engine_trainingjob")


def job(name: str, **fields) -> TrainingJob:
    fields = {"status": "InProgress", "arn": "arn", "created": now() - timedelta(hours=1)} | fields
    return TrainingJob.objects.create(name=name, **fields)


def test_a_round_of_the_clock_scans_no_table_that_grows():
    if connection.vendor != "sqlite":
        pytest.skip("plans are SQLite's words")
    with CaptureQueriesContext(connection) as queries:
        sync.unfinished()
        sweep._due_jobs({"churn": {}})
        reconcile.overdue()
        idle.due()
        for kind in KINDS:
            kind.release_stale()
    plans = []
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                plans += [(row[3], query["sql"]) for row in cursor.fetchall()]
    assert len(plans) > 15
    scans = [plan for plan in plans if plan[0].startswith("SCAN") and not plan[0].endswith(OF_FEW_ROWS)]
    assert [plan for plan in scans if any(table in plan[0] for table in LARGE)] == []


def test_of_thousands_of_live_jobs_those_looked_at_longest_ago_are_due(monkeypatch):
    monkeypatch.setattr(sweep, "MOST_DUE", 2)
    for hours in (1, 3, 2):
        job(f"{hours}-hours-ago", followed=now() - timedelta(hours=hours))
    job("just-now", followed=now())
    new, changed = job("new"), job("changed", followed=now(), modified=None)
    names = {each.pk: each.name for each in TrainingJob.objects.all()}
    assert [names[pk] for pk in sweep._due_jobs({})] == ["new", "3-hours-ago"]
    monkeypatch.setattr(sweep, "MOST_DUE", 9)
    due = sweep._due_jobs({"changed": {"LastModifiedTime": now()}})
    assert {new.pk, changed.pk} < {*due} and len(due) == 5


def test_a_young_job_is_looked_at_each_time_until_it_ends():
    young = {"created": now(), "followed": now()}
    running = job("running", **young)
    job("ended", **young, status="Completed")
    assert sweep._due_jobs({}) == [running.pk]


def test_jobs_that_ended_are_due_until_their_log_is_read_and_a_few_that_were_never_described(monkeypatch):
    monkeypatch.setattr(sweep, "NEW_AT_ONCE", 1)
    ended, long_ago = {"status": "Completed", "external": True}, now() - timedelta(minutes=5)
    unread = job("unread", **ended, followed=long_ago)
    job("read", **ended, followed=long_ago, log_done=True)
    job("never-launched", status="Failed", arn="")
    job("older", **ended, created=now() - timedelta(days=9))
    newest = job("newest", **ended)
    assert sweep._due_jobs({}) == [unread.pk, newest.pk]
    assert sync.unfinished()
