"""What a year of jobs' logs, curves and events takes in the database, before and after retention.

    python -m bench.retention [--jobs 2000]

Fills a SQLite database of its own with finished jobs as a default job of the form leaves them, runs each step of
retention with an archive in memory, and prints the size of the database after each, for one job and for a year at 1,000
jobs a day. LINES and the other counts are those of one XGBoost job with the form's settings.
"""

import argparse
import io
import os
import random
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

LINES, POINTS, DATA, EVENTS = 121, 200, 130, 6  # of one job: log lines, values of two metrics, metric data, events
YEAR = 365 * 1000
BATCH = 2000


class Folder:
    """An S3 client that counts what is written."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, *, Key: str, Body, **_) -> None:
        self.objects[Key] = Body if isinstance(Body, bytes) else Body.read()

    def get_object(self, *, Key: str, **_) -> dict:
        return {"Body": io.BytesIO(self.objects[Key])}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2000)
    jobs = parser.parse_args(arguments).jobs
    with tempfile.TemporaryDirectory(prefix="sw-retention-") as folder:
        _measure(jobs, Path(folder) / "retention.sqlite3")


def _measure(jobs: int, file: Path) -> None:
    import tests.environment  # noqa: F401 (a private data folder and a Valkey)

    os.environ |= {"SAGEWRIGHT_DATABASE_URL": f"sqlite:///{file}", "DJANGO_SETTINGS_MODULE": "console.settings"}
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils.timezone import now

    from common.s3_uri import parse_s3_uri
    from engine import store
    from engine.models import RetentionMark
    from engine.retention import clock, run
    from models_app import aws
    from models_app.models import RetentionClock
    from models_app.retention import tasks

    call_command("migrate", verbosity=0)
    s3 = Folder()
    settings.TELEMETRY_ARCHIVE = None
    store.client = lambda quick=False: s3  # type: ignore[assignment]
    aws.client = lambda service, streamed=False: s3  # type: ignore[assignment]

    def at(moment: datetime) -> datetime:
        """`moment`, up to which runs have come by days."""
        RetentionMark.objects.update_or_create(name=clock.NAME, defaults={"position": int(moment.timestamp())})
        RetentionClock.objects.update_or_create(pk=RetentionClock.KEY, defaults={"at": moment})
        return moment

    def size() -> int:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
        return file.stat().st_size

    empty = size()
    print(f"{jobs:,} jobs of {LINES} lines, {POINTS} points, {DATA} metric data, {EVENTS} events; SQLite, after VACUUM")
    print(f"{'':44s} {'a job, KB':>10s} {'a year, GB':>11s} {'CPU ms a job':>13s}")
    for title, fill in _fills(now() - timedelta(days=16)):
        before, began = size(), time.process_time()
        for start in range(0, jobs, BATCH):
            fill(range(start, min(start + BATCH, jobs)))
        _print(title, size() - before, jobs, time.process_time() - began)
    full = size() - empty
    _print("together", full, jobs)
    at(now())
    for title, work in (
        ("merged metric data (15 days)", lambda: run.run(now(), 3600)),
        ("thinned curves (15 days)", lambda: tasks.run_for(3600)),
        ("merged metric data (63 days)", lambda: run.run(at(now() + timedelta(days=60)), 3600)),
    ):
        began = time.process_time()
        work()
        _print(f"after {title}", size() - empty, jobs, time.process_time() - began)
    settings.TELEMETRY_DAYS, settings.TELEMETRY_ARCHIVE = 10, parse_s3_uri("s3://bucket/archive")
    for title, work in (
        ("the console's archive", lambda: tasks.run_for(3600)),
        ("the engine's", lambda: run.run(at(now()), 3600)),
    ):
        count, began = len(s3.objects), time.process_time()
        work()
        used = time.process_time() - began
        _print(f"after {title}", size() - empty, jobs, used)
        some = list(s3.objects.values())[count:]
        _print(f"  in S3, {len(some):,} objects", sum(map(len, some)), jobs)


def _print(title: str, size: int, jobs: int, seconds: float | None = None) -> None:
    used = "" if seconds is None else f"{seconds / jobs * 1000:13.2f}"
    print(f"{title:44s} {size / jobs / 1000:10.2f} {size / jobs * YEAR / 1e9:11.2f} {used}", flush=True)


def _fills(at):
    """(title, what writes the rows of a range of jobs)."""
    from engine.models import LogEvent, MetricDatum
    from models_app.models import Event, LogLine, MetricPoint, TrainingJob

    draw = random.Random(7)

    def created(number: int):
        return at + timedelta(seconds=number)

    def message(line: int) -> str:
        return f"[{line}]#011train-logloss:{draw.random():.5f}#011validation-logloss:{draw.random():.5f}"

    def jobs(numbers: Iterable[int]) -> None:
        TrainingJob.objects.bulk_create(
            TrainingJob(id=n + 1, name=f"churn-{n:08x}", status="Completed", created=created(n), log_done=True)
            for n in numbers
        )

    def lines(numbers: Iterable[int]) -> None:
        for n in numbers:
            LogLine.objects.bulk_create(
                LogLine(job_id=n + 1, number=line + 1, at=created(n), text=message(line)) for line in range(LINES)
            )

    def events(numbers: Iterable[int]) -> None:
        for n in numbers:
            LogEvent.objects.bulk_create(
                LogEvent(
                    region="us-east-1",
                    group="/aws/sagemaker/TrainingJobs",
                    stream=f"churn-{n:08x}/algo-1-{1_790_000_000 + n}",
                    timestamp=int(created(n).timestamp() * 1000),
                    ingested=int(created(n).timestamp() * 1000),
                    message=message(line),
                )
                for line in range(LINES)
            )

    def points(numbers: Iterable[int]) -> None:
        for n in numbers:
            MetricPoint.objects.bulk_create(
                MetricPoint(job_id=n + 1, name=name, round=number, value=draw.random())
                for name in ("train:logloss", "validation:logloss")
                for number in range(POINTS // 2)
            )

    def data(numbers: Iterable[int]) -> None:
        for n in numbers:
            MetricDatum.objects.bulk_create(
                MetricDatum(
                    region="us-east-1",
                    namespace="/aws/sagemaker/TrainingJobs",
                    name=("validation:logloss", "train:logloss", "CPUUtilization")[number % 3],
                    dimensions=f"Host=churn-{n:08x}/algo-1",
                    timestamp=created(n) + timedelta(milliseconds=number * 20),
                    sum=draw.random(),
                    minimum=0.1,
                    maximum=0.9,
                )
                for number in range(DATA)
            )

    def moves(numbers: Iterable[int]) -> None:
        for n in numbers:
            Event.objects.bulk_create(
                Event(job_id=n + 1, was="Created", became="InProgress", at=created(n), text="Training started")
                for _ in range(EVENTS)
            )

    return (
        ("rows of jobs", jobs),
        ("the console's log lines", lines),
        ("the console's curves", points),
        ("the console's events", moves),
        ("the engine's log events", events),
        ("the engine's metric data", data),
    )


if __name__ == "__main__":
    main()
