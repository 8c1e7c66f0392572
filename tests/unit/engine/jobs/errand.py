"""A made-up workload: each member runs the Python functions its host is given, and the processes that do so.

It has two members, a log group, a metric and an output of its own. Nothing of it is known to the runner.
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# What a member's process does; this half imports no Django.


def main(root: Path, start: dict) -> int:
    """Run the member's steps, such as "say=hello"; the exit code of the last."""
    code = 0
    for step in start["steps"]:
        verb, _, value = step.partition("=")
        code = globals()[verb](root, value) or 0
    return code


def say(root: Path, value: str) -> None:
    print(f"{value} speed={len(value)};")


def describe(root: Path, value: str) -> None:
    hosts = json.loads((root / "input/config/resourceconfig.json").read_text())
    own_group = os.getpgid(0) == os.getpid()
    print(f"{hosts['current_host']} of {' '.join(hosts['hosts'])} in {Path.cwd().name}, group {own_group}")


def wait(root: Path, value: str) -> None:
    print("waiting")
    time.sleep(float(value))


def note_stop(root: Path, value: str) -> None:
    import signal

    def stop(*_: Any) -> None:
        time.sleep(float(value or 0))
        (root / "model/stopped").write_text("politely")
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)


def leave(root: Path, value: str) -> None:
    (root / "model/result").write_text(value)


def fail(root: Path, value: str) -> int:
    (root / "output/failure").write_text(f"ClientError: {value}")
    return 7


def flood(root: Path, value: str) -> None:
    until = time.monotonic() + float(value)
    while time.monotonic() < until:
        print("line speed=1;\n" * 1000, end="")


# What the runner is given.


def workload(claim: Any) -> Any:
    from algorithms.contract import UserError
    from engine.jobs.metrics import Pattern
    from engine.jobs.workload import Ending, Phase, Result, Workload
    from engine.training.work import enter, finish

    endings = {
        Ending.COMPLETED: ("Completed", "Completed"),
        Ending.STOPPED: ("Stopped", "Stopped"),
        Ending.TIME_LIMIT: ("Stopped", "MaxRuntimeExceeded"),
        Ending.FAILED: ("Failed", "Failed"),
    }
    # The row is borrowed from training, with the words its transitions know.
    words = {Phase.DOWNLOADING: "Downloading", Phase.RUNNING: "Training", Phase.STOPPING: "Stopping"}

    class Errand(Workload):
        log_group, metric_namespace = "/errands", "Errands"
        hosts = ("algo-1", "algo-2")

        @property
        def max_runtime(self) -> float:
            return self.job.request.get("seconds", 60.0)

        @property
        def stop_requested(self) -> bool:
            return self.claim.status == "Stopping"

        def patterns(self) -> list[Pattern]:
            return [Pattern("speed", r"speed=(\d+);")]

        def enter(self, phase: Phase) -> None:
            enter(
                self.claim,
                words.get(phase, "Uploading"),
                **({"started": self.job.created} if not self.job.started else {}),
            )

        def prepare(self, host: str, folder: Any, threads: int) -> None:
            if host not in self.job.request["steps"]:
                raise UserError(f"Host {host} has no steps.")
            folder.write_config("resourceconfig.json", {"current_host": host, "hosts": list(self.hosts)})
            folder.write_start("tests.unit.engine.jobs.errand:main", {}, 0, steps=self.job.request["steps"][host])

        def outputs(self, folders: Sequence[Any], stopped: bool) -> list[tuple[Path, str]]:
            base = f"s3://training/errands/{self.job.name}"
            return [(f.model, f"{base}/{f.root.name}.tar.gz") for f in folders if any(f.model.iterdir())]

        def finish(self, result: Result) -> None:
            status, secondary = endings[result.ending]
            finish(self.claim, status, secondary, failure_reason=result.failure_reason, final_metrics=result.metrics)

    return Errand(claim)


def run(claim: Any) -> None:
    """The runner of the made-up work."""
    from engine.jobs import runner

    runner.run(workload(claim))
