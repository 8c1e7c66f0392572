"""`kill -9` while tables are prepared and while people's own code runs: `python -m tests.kill_run.own_code`.

Each kill is one of a process that does something at that moment: the reader in the middle of a preparation, the worker
beside it, the trainer of a script, the process that starts its jobs, or the keeper of the script's sandbox. Fails when
a job or a model is lost, doubled, wrong or not settled, or when a kill has not caught its victim at work.
"""

import argparse
import io
import json
import os
import signal
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from common.process_group import children
from tests.kill.console import Console
from tests.kill.jobs import BUCKET, GROUP, ROLE, Jobs, table
from tests.stack import Stack
from tests.waiting import wait_for

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
VICTIMS = ("reader", "trainer", "worker", "zygote", "keeper")
PREPARED = ("reader", "worker")  # killed while a table is prepared; the others while a script runs
STEPS, STEP_SECONDS, ROUNDS = 12, 0.3, 30
WIDE = f"s3://{BUCKET}/in/wide.csv"
ENDED = ("Completed", "Failed", "Stopped")
SCRIPT = f"""
import os, time
from pathlib import Path

rows = Path(os.environ["SM_CHANNEL_TRAIN"], "train.csv").read_text().splitlines()
for n in range({STEPS}):
    print(f"step {{n}}: loss={{1 / (n + 1)}}", flush=True)
    time.sleep({STEP_SECONDS})
Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(str(len(rows)))
"""
CLASS = f"""from sagewright import Model


class Mean(Model):
    def train(self, data):
        for n in range({STEPS}):
            self.log(loss=1 / (n + 1))
        self.mean = float(data.features.to_numpy().mean())

    def predict(self, rows):
        return [self.mean] * len(rows)
"""


class Code:
    """The jobs of scripts that were asked for by boto3, and the models that were created as the page does."""

    def __init__(self, stack: Stack, console: Console):
        self.stack, self.console, self.jobs = stack, console, Jobs(stack)
        self.jobs.s3.put_object(Bucket=BUCKET, Key="in/wide.csv", Body=table(120_000, header=True))
        self.jobs.s3.put_object(Bucket=BUCKET, Key="code/sourcedir.tar.gz", Body=_packed("train.py", SCRIPT))
        self.scripts: list[str] = []
        self.models: dict[str, tuple[str, int]] = {}  # name: (a metric of its, how many points that has)

    def ask(self, number: int) -> None:
        """Start a script, a model of a class and a model whose table takes its time to be prepared."""
        self.scripts.append(self._script(f"script-{number:02}"))
        self.models[self.console.create_code(f"class-{number:02}", WIDE, "model:Mean", CLASS)] = ("loss", STEPS)
        self.models[self.console.create(f"table-{number:02}", WIDE, ROUNDS)] = ("train:logloss", ROUNDS)

    def _script(self, name: str) -> str:
        values = {"sagemaker_program": "train.py", "sagemaker_submit_directory": f"s3://{BUCKET}/code/sourcedir.tar.gz"}
        data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/train/"}}
        self.jobs.sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)"}],
            },
            RoleArn=ROLE,
            InputDataConfig=[{"ChannelName": "train", "DataSource": data}],
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/out"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
            StoppingCondition={"MaxRuntimeInSeconds": 600},
            HyperParameters={name: json.dumps(value) for name, value in values.items()},
        )
        return name

    def is_preparing(self) -> bool:
        """Whether the table of a model is being read now."""
        return any(model["status"] == "Created" and model["attempt"] for model in self._report().values())

    def is_running(self) -> bool:
        """Whether a script runs now."""
        return bool(_ancestors(self.stack))

    def unsettled(self) -> list[str]:
        """What has not ended yet."""
        rest = [name for name in self.scripts if self.jobs.describe(name)["TrainingJobStatus"] not in ENDED]
        models = self._report()
        return rest + [name for name in self.models if not _is_settled(models.get(name, {}))]

    def faults(self) -> list[str]:
        """Everything that is lost, doubled or wrong."""
        wrong = []
        for name in self.scripts:
            try:
                self._check_script(name)
            except AssertionError as e:
                wrong.append(f"{name}: {e}")
        report = self._report()
        for name, (metric, points) in self.models.items():
            model = report.get(name, {})
            if model.get("status") != "Completed" or len(model["jobs"]) != 1 or model["points"].get(metric) != points:
                wrong.append(f"{name}: {model}")
        listed = self.jobs.sagemaker.get_paginator("list_training_jobs").paginate()
        names = Counter(job["TrainingJobName"] for page in listed for job in page["TrainingJobSummaries"])
        expected = Counter([*self.scripts, *(job for model in report.values() for job in model["jobs"])])
        return wrong + ([f"jobs: {names - expected} too many, {expected - names} missing"] if names != expected else [])

    def begun_again(self) -> int:
        """How often a script's job has begun again."""
        jobs = [self.jobs.describe(name) for name in self.scripts]
        return sum(step["Status"] == "Restarting" for job in jobs for step in job["SecondaryStatusTransitions"])

    def _check_script(self, name: str) -> None:
        job = self.jobs.describe(name)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        files = self.jobs.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"out/{name}/")["Contents"]
        assert [file["Key"] for file in files] == [f"out/{name}/output/model.tar.gz"]
        body = self.jobs.s3.get_object(Bucket=BUCKET, Key=files[0]["Key"])["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            content = archive.extractfile("model.txt")
            assert content and content.read() == b"6000"
        streams = self.jobs.logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")["logStreams"]
        assert len(streams) == 1, streams
        assert self.jobs.samples(name, "loss") == STEPS, "each step is to be reported once, however often it began"

    def _report(self) -> dict[str, dict]:
        return self.console.report([*self.models])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kill_run.own_code")
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    with Stack() as stack, Console(stack) as console:
        code, missed = Code(stack, console), Counter[str]()
        for number in range(options.kills):
            victim = VICTIMS[number % len(VICTIMS)]
            code.ask(number)
            if not _kill(stack, victim, code.is_preparing if victim in PREPARED else code.is_running):
                missed[victim] += 1
        last = time.monotonic()
        wait_for(lambda: not code.unsettled(), "the end", lambda: f"{code.unsettled()}\n{stack.tail()}", within=300)
        settled, wrong = time.monotonic() - last, code.faults()
        print(f"{options.kills} kills, {len(code.scripts)} scripts, {len(code.models)} models")
        print(f"jobs of scripts that began again: {code.begun_again()}")
        print(f"settled {settled:.0f} s after the last kill; load {os.getloadavg()[0]:.1f}")
        if missed:
            wrong.append(f"kills that caught nothing at work: {dict(missed)}")
    print("\n".join(wrong) if wrong else "nothing lost, nothing doubled")
    return 1 if wrong else 0


def _kill(stack: Stack, victim: str, is_at_work) -> bool:
    """Kill the process once it is at work; False if there was no such moment."""
    until = time.monotonic() + 60
    while not (at_work := is_at_work()) and time.monotonic() < until:
        time.sleep(0.05)
    if victim in ("zygote", "keeper"):
        running = _ancestors(stack)
        for _, keeper, zygote in running[:1]:
            os.kill(zygote if victim == "zygote" else keeper, signal.SIGKILL)
        return at_work and bool(running)
    stack.wait_for_restart(victim, stack.kill(victim))
    return at_work


def _ancestors(stack: Stack) -> list[list[int]]:
    """For each script that runs: the first process of its sandbox, the keeper of that, and the process that forked it.

    All are forks of one program, so they are known by their places alone.
    """
    parents, waiting = dict[int, int](), [stack.pid("trainer")]
    while waiting:
        pid = waiting.pop()
        parents |= dict.fromkeys(children(pid), pid)
        waiting += children(pid)
    return [list(_up(pid, parents, 3)) for pid in parents if b"script_toolkit.train" in _command(pid)]


def _up(pid: int, parents: dict[int, int], steps: int) -> Iterator[int]:
    for _ in range(steps):
        yield (pid := parents[pid])


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _is_settled(model: dict) -> bool:
    return model.get("status") in ENDED and bool(model.get("log_done"))


def _packed(name: str, text: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(text.encode())
        archive.addfile(entry, io.BytesIO(text.encode()))
    return stream.getvalue()


if __name__ == "__main__":
    raise SystemExit(main())
