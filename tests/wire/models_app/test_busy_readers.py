"""Fifty wide tables wait to be read, and everything else goes on as if there were none."""

import time
from collections.abc import Iterator

import pytest

from tests.kill.console import Console
from tests.kill.jobs import HEADED, Jobs, stamp
from tests.waiting import wait_for

pytestmark = pytest.mark.stack
COLUMNS, ROWS, TABLES, STOPS = 1001, 300, 50, 3
CLICK = 5.0  # seconds from a click to its status


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
    jobs = Jobs(stack)
    models = [console.create(f"click-{stamp()}-{number}", HEADED, 100_000) for number in range(STOPS)]

    def status(name: str) -> str:
        return console.report([name])[name]["status"]

    for name in models:
        wait_for(lambda name=name: status(name) == "InProgress", f"{name} to be launched", stack.tail)
    scans = console.start_scans(wide_tables)
    try:
        wait_for(lambda: "Running" in console.scan_statuses(scans), "a table to be read", stack.tail)
        waited = []
        for number, name in enumerate(models):
            (job,) = console.report([name])[name]["jobs"]
            if number:
                console.stop(name)
            else:  # by another client: only a poll can tell
                jobs.sagemaker.stop_training_job(TrainingJobName=job)
            clicked = time.monotonic()
            wait_for(lambda name=name: status(name) in ("Stopping", "Stopped"), f"{name} to stop", stack.tail)
            waited.append(time.monotonic() - clicked)
            assert jobs.describe(job)["TrainingJobStatus"] in ("Stopping", "Stopped")
        left = console.scan_statuses(scans).count("Queued")
        print(f"clicks took {[f'{seconds:.1f}' for seconds in waited]} s while {left} tables waited")
        assert left > TABLES / 2, "the tables were read too soon: this test has not tested anything"
        assert max(waited) < CLICK
    finally:
        console.cancel_scans(scans)
