"""Fifty wide tables wait to be read, and everything else goes on as if there were none."""

import os
import time
from collections.abc import Iterator

import pytest

from tests.kill.console import Console
from tests.kill.jobs import HEADED, Jobs, stamp
from tests.waiting import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.long]
COLUMNS, ROWS, TABLES = 1001, 300, 50
CLICK = 5.0  # seconds from a click to its status, on a machine with a core for each process that wants one


@pytest.fixture
def console(stack) -> Iterator[Console]:
    with Console(stack) as console:
        yield console


@pytest.fixture
def wide_tables(stack) -> list[str]:
    """The addresses of fifty tables of 1,001 columns."""
    s3, bucket = stack.client("s3"), f"wide-{stamp()}"
    s3.create_bucket(Bucket=bucket)
    lines = [",".join(f"c{i}" for i in range(COLUMNS))]
    lines += [",".join(str((row * column) % 97 / 7) for column in range(COLUMNS)) for row in range(ROWS)]
    s3.put_object(Bucket=bucket, Key="0.csv", Body="\n".join([*lines, ""]).encode())
    for number in range(1, TABLES):
        s3.copy_object(Bucket=bucket, Key=f"{number}.csv", CopySource=f"{bucket}/0.csv")
    return [f"s3://{bucket}/{number}.csv" for number in range(TABLES)]


def test_a_click_does_not_wait_for_tables_to_be_read(stack, console, wide_tables):
    sagemaker = Jobs(stack).sagemaker
    models = [console.create(f"click-{stamp()}-{number}", HEADED, 100_000) for number in range(2)]

    def status(name: str) -> str:
        return console.report([name])[name]["status"]

    def seconds_to_stop(name: str, clicked: float) -> float:
        wait_for(lambda: status(name) in ("Stopping", "Stopped"), f"{name} to stop", stack.tail)
        waited = time.monotonic() - clicked
        job = jobs[name]
        assert sagemaker.describe_training_job(TrainingJobName=job)["TrainingJobStatus"] in ("Stopping", "Stopped")
        return waited

    for name in models:
        wait_for(lambda name=name: status(name) == "InProgress", f"{name} to be launched", stack.tail)
    per_core = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # processes that want one
    jobs = {name: console.report([name])[name]["jobs"][0] for name in models}
    scans = console.start_scans(wide_tables)
    try:
        wait_for(lambda: "Running" in console.scan_statuses(scans), "a table to be read", stack.tail)
        sagemaker.stop_training_job(TrainingJobName=jobs[models[0]])  # by another client: only a poll can tell
        clicked = time.monotonic()
        console.stop(models[1])
        waited = [seconds_to_stop(models[1], time.monotonic()), seconds_to_stop(models[0], clicked)]
        left = console.scan_statuses(scans).count("Queued")
        print(f"clicks took {waited} s while {left} tables waited, with {per_core:.1f} processes a core")
        assert left > TABLES / 2, "the tables were read too soon: this test has not tested anything"
        assert max(waited) < CLICK * per_core
    finally:
        console.cancel_scans(scans)
