"""A training job: its status, log, metrics and artifact."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any, Self

from sagewright.runtime.model import METRIC_LINE
from sagewright.sdk.display import Display
from sagewright.sdk.errors import JobFailed, NotFound
from sagewright.sdk.hosting import host, schema_of
from sagewright.sdk.logs import TRAINING, LogReader, follow, pause
from sagewright.sdk.planner_client import planner_of
from sagewright.sdk.predictor import Predictor
from sagewright.sdk.requests import CLASS_TAG, PROGRAM, SUBMIT_DIRECTORY
from sagewright.sdk.session import Session, default_session
from sagewright.sdk.sources import PredictorInstance

ENDED = ("Completed", "Failed", "Stopped")
_FRAME = re.compile(r'File "(?:.*/)?([^/"]+)", line (\d+), in (\S+)')
_PAIR = re.compile(r"(\w+)=([-+0-9.einaf]+);")
_ENTRY = ("job.py", "train.py")  # of ours, in a traceback
TAIL = 20  # lines of the log that a failure keeps


class TrainingJob:
    """A job at SageMaker. In a `with`, an exception stops it if it still runs."""

    def __init__(self, name: str, session: Session | None = None):
        self.name = name
        self.session = session or default_session()

    @classmethod
    def attach(cls, name: str, session: Session | None = None) -> Self:
        """The job called `name`, whoever started it. Raises NotFound."""
        job = cls(name, session)
        job.describe()
        return job

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        if kind and self.status not in ENDED:
            self.stop()

    def __repr__(self) -> str:
        return f"TrainingJob({self.name!r})"

    def describe(self) -> dict[str, Any]:
        """SageMaker's DescribeTrainingJob. Raises NotFound."""
        from botocore.exceptions import ClientError

        try:
            return self.session.client("sagemaker").describe_training_job(TrainingJobName=self.name)
        except ClientError as e:
            if "not found" in str(e).lower():
                raise NotFound(
                    f"There is no training job {self.name} in {self.session.region}. `sagewright jobs` lists them."
                ) from e
            raise

    @property
    def status(self) -> str:
        """InProgress, Completed, Failed, Stopping or Stopped."""
        return self.describe()["TrainingJobStatus"]

    @property
    def artifact(self) -> str:
        """The S3 URI of model.tar.gz. Raises JobFailed while there is none."""
        described = self.describe()
        artifact = described.get("ModelArtifacts", {}).get("S3ModelArtifacts", "")
        if described["TrainingJobStatus"] in ("InProgress", "Stopping"):
            raise JobFailed(f"{self.name} still runs, so it has no artifact yet. Call wait() first.")
        if described["TrainingJobStatus"] == "Failed":
            raise self._failure(described)
        return artifact

    @property
    def metrics(self) -> dict[str, float]:
        """The last value of each metric."""
        metrics = self.describe().get("FinalMetricDataList", ())
        return {metric["MetricName"]: metric["Value"] for metric in metrics}

    @property
    def history(self) -> dict[str, list[float]]:
        """Every value that `self.log` logged, by metric, read from the log."""
        values: dict[str, list[float]] = {}
        for line in self.logs():
            if METRIC_LINE in line:
                for name, value in _PAIR.findall(line.partition(METRIC_LINE)[2]):
                    values.setdefault(name, []).append(float(value))
        return values

    def logs(self, follow_until_end: bool = False) -> Iterator[str]:
        """The lines of the log; with `follow_until_end` as they come, until the job has ended."""
        reader = LogReader(self.session, TRAINING, f"{self.name}/")
        if follow_until_end:
            return follow(reader, lambda: self.status in ENDED)
        return iter(reader.new_lines())

    def stop(self) -> None:
        """Ask SageMaker to stop the job. Repeatable."""
        from botocore.exceptions import ClientError

        try:
            self.session.client("sagemaker").stop_training_job(TrainingJobName=self.name)
        except ClientError:
            if self.status not in (*ENDED, "Stopping"):
                raise

    def wait(self, quiet: bool | None = None) -> Self:
        """Wait until the job has ended, with its log on a terminal. Raises JobFailed if it failed.

        Ctrl-C ends the waiting and not the job; a line on stderr says how to go on.
        """
        display, began = Display(quiet), time.monotonic()
        with display.interrupted(
            f"{self.name} goes on. Model.attach({self.name!r}) finds it again; its stop() stops it. Its log: "
            f"sagewright logs -f {self.name}"
        ):
            described = self._follow(display, began)
        if described["TrainingJobStatus"] == "Failed":
            raise self._failure(described)
        seconds = time.monotonic() - began
        display.end(f"{self.name}: {described['TrainingJobStatus']} after {seconds:.1f} s")
        return self

    def _follow(self, display: Display, began: float) -> dict[str, Any]:
        """Show the log until the job has ended; what SageMaker says of it then."""
        reader = LogReader(self.session, TRAINING, f"{self.name}/")
        while True:
            described = self.describe()
            ended = described["TrainingJobStatus"] in ENDED
            for line in () if display.quiet else reader.new_lines():
                display.line(line)
            if ended:
                return described
            display.step(described.get("SecondaryStatus", "Starting"))
            time.sleep(pause(time.monotonic() - began))

    def deploy(
        self, instance: PredictorInstance | None = None, *, name: str = "", wait: bool = True, quiet: bool | None = None
    ) -> Predictor:
        """An endpoint that hosts the job's artifact in the job's image: a class, a script or a built-in algorithm."""
        predictor = self._host(name or self.name, instance)
        return predictor.wait(quiet) if wait else predictor

    def deploy_into(self, predictor: Predictor, instance: PredictorInstance | None = None) -> None:
        """Let the endpoint of `predictor` host the job's artifact. `Predictor.update` calls it."""
        self._host(predictor.name, instance, predictor)

    def _host(self, endpoint: str, instance: PredictorInstance | None, into: Predictor | None = None) -> Predictor:
        described, uri = self.describe(), self.artifact
        values, environment = described.get("HyperParameters", {}), {}
        if program := values.get(PROGRAM):
            tags = self.session.client("sagemaker").list_tags(ResourceArn=described["TrainingJobArn"])["Tags"]
            environment = planner_of(self.session).ask("class_environment", region=self.session.region)
            if CLASS_TAG not in {tag["Key"] for tag in tags}:  # a script of another client's: its own names
                environment["SAGEMAKER_PROGRAM"] = json.loads(program)
                environment["SAGEMAKER_SUBMIT_DIRECTORY"] = json.loads(values[SUBMIT_DIRECTORY])
        image = described["AlgorithmSpecification"]["TrainingImage"]
        schema = "" if environment else schema_of(self.session, uri)
        where = instance or PredictorInstance()
        return host(self.session, endpoint, image, uri, where, environment, schema, into)

    def _failure(self, described: dict[str, Any]) -> JobFailed:
        reason = described.get("FailureReason", "SageMaker gives no reason.")
        log = list(LogReader(self.session, TRAINING, f"{self.name}/").new_lines())
        return JobFailed(explain(self.name, reason, log), reason, log[-TAIL:])


def explain(name: str, reason: str, log: list[str]) -> str:
    """Why the job `name` failed: the last error of its log and the place in the person's code, else the reason."""
    start = max((n for n, line in enumerate(log) if line.startswith("Traceback")), default=None)
    if start is None:
        return f"Training job {name} failed: {reason} Its log: sagewright logs {name}"
    lines = log[start + 1 :]
    error = next((line for line in lines if line and not line[0].isspace()), "")
    frames = [match for line in lines if (match := _FRAME.search(line)) and match[1] not in _ENTRY]
    where = f" in {frames[-1][1]}, line {frames[-1][2]}, {frames[-1][3]}" if frames else ""
    return (
        f"Training job {name} failed{where}: {error or reason} "
        "Correct it and fit again; fit(..., local=True) runs it in this process, under your debugger."
    )
