"""What the machines are put through: tables of several objects, jobs of several instances, losses in their midst."""

import io
import os
import signal
import tarfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tests.kill.jobs import IMAGE, METRICS, ROLE
from tests.machines.world import World
from tests.waiting import wait_for

BUCKET = "machines"
COLUMNS, OBJECTS = 30, 6
FINAL = ("Completed", "Failed", "Stopped")
FEW, LONG = 3000, 100_000  # rows, and rounds: more than any loss needs
LIMIT = 500.0  # seconds for one job


def speed(world: World, rows: int, rounds: int) -> bool:
    """Train the same rows on one, two and three instances, divided by object, and print what each took."""
    write_table(world, rows)
    scores = []
    for count in (1, 2, 3):
        name = f"of-{count}"
        create(world, name, count, rows, rounds)
        job = ended(world, name)
        assert job["TrainingJobStatus"] == "Completed", job
        steps = {step["Status"]: step for step in job["SecondaryStatusTransitions"]}
        training = (steps["Training"]["EndTime"] - steps["Training"]["StartTime"]).total_seconds()
        scores.append(held_out(world, job, rows))
        memory = [f"{percent:.1f}" for percent in memory_of(world, name, count)]
        print(
            f"{count} instances: {training:.1f} s of training, {job['TrainingTimeInSeconds']} s in all, log loss "
            f"{scores[-1]:.4f}, most memory of each in % of its limit: {', '.join(memory)} "
            f"(load {os.getloadavg()[0]:.1f})",
            flush=True,
        )
    return max(scores) - min(scores) < 0.01


def lose(world: World, name: str) -> bool:
    """Start a job on three machines, lose something of it, and see how it ends."""
    write_table(world, FEW)
    fresh = "SELECT count(*) FROM engine_trainingmachine WHERE seen > now() - interval '10 seconds'"
    wait_for(lambda: world.query(fresh)[0][0] == 3, "every machine to take part, also one that was lost before")
    create(world, name, 3, FEW, LONG)
    client = world.stack.client("sagemaker")
    describe = lambda: client.describe_training_job(TrainingJobName=name)  # noqa: E731
    wait_for(lambda: describe()["SecondaryStatus"] == "Training", "the job to train", world.stack.tail)
    wait_for(lambda: logs(world, name) == 3, "every member to log", world.stack.tail)
    first = world.query(f"SELECT split_part(worker, ':', 1) FROM engine_trainingjob WHERE name = '{name}'")[0][0]
    begun = time.monotonic()
    mend = LOSSES[name](world, first)
    if name == "member":
        job = ended(world, name)
        print(f"{name}: {job['TrainingJobStatus']} after {time.monotonic() - begun:.1f} s: {job['FailureReason']}")
        mend()
        return job["TrainingJobStatus"] == "Failed" and "killed" in job["FailureReason"]
    restarted = lambda: "Restarting" in [s["Status"] for s in describe()["SecondaryStatusTransitions"]]  # noqa: E731
    wait_for(restarted, "the job to be given back", world.stack.tail)
    returned = time.monotonic() - begun
    wait_for(lambda: describe()["SecondaryStatus"] == "Training", "another attempt to train", world.stack.tail)
    again = time.monotonic() - begun
    client.stop_training_job(TrainingJobName=name)
    job = ended(world, name)
    ((attempts,),) = world.query(f"SELECT attempt FROM engine_trainingjob WHERE name = '{name}'")
    print(
        f"{name}: given back after {returned:.1f} s, training again after {again:.1f} s on attempt {attempts}, then "
        f"{job['TrainingJobStatus']} as asked (load {os.getloadavg()[0]:.1f})",
        flush=True,
    )
    mend()
    return job["TrainingJobStatus"] == "Stopped"


def _member(world: World, first: str) -> Callable[[], None]:
    """The process of a member on another machine: of those in the members' network, the one that works."""
    other = next(trainer for trainer in world.trainers if trainer.machine.name != first)
    supervisor, *processes = other.processes()
    inside = [pid for pid in processes if _network(pid) not in ("", _network(supervisor))]
    os.kill(max(inside, key=_processor_seconds), signal.SIGKILL)
    return lambda: None


def _machine(world: World, first: str) -> Callable[[], None]:
    other = next(trainer for trainer in world.trainers if trainer.machine.name != first)
    other.kill()
    return other.start


def _first(world: World, first: str) -> Callable[[], None]:
    """The machine of the tracker, of the job's claim and of the model."""
    world.trainer(first).kill()
    return world.trainer(first).start


def _cable(world: World, first: str) -> Callable[[], None]:
    other = next(trainer for trainer in world.trainers if trainer.machine.name != first)
    other.machine.pull()
    return other.machine.plug


LOSSES: dict[str, Callable[[World, str], Callable[[], None]]] = {
    "member": _member, "cable": _cable, "machine": _machine, "first": _first,
}  # fmt: skip


def write_table(world: World, rows: int) -> None:
    """Write the rows as OBJECTS objects, if they are not there."""
    s3 = world.stack.client("s3")
    if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET)
    if s3.list_objects_v2(Bucket=BUCKET, Prefix=f"in/{rows}/").get("KeyCount"):
        return
    for number in range(OBJECTS):
        text = io.BytesIO()
        frame = pl.DataFrame(table(rows // OBJECTS, number))
        frame.write_csv(text, include_header=False, float_precision=5)  # ten million rows take NumPy minutes
        text.seek(0)
        s3.upload_fileobj(text, BUCKET, f"in/{rows}/{number}.csv")


def table(rows: int, seed: int) -> np.ndarray:
    """Rows with the label first."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((rows, COLUMNS))
    label = (x[:, 0] + x[:, 1] * x[:, 2] + random.standard_normal(rows) > 0).astype(float)
    return np.column_stack([label, x])


def create(world: World, name: str, count: int, rows: int, rounds: int) -> None:
    """Ask for a job of `count` instances on that many rows, divided by object."""
    uri = f"s3://{BUCKET}/in/{rows}/"
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "ShardedByS3Key"}
    world.stack.client("sagemaker").create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        RoleArn=ROLE,
        InputDataConfig=[{"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 20},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
        HyperParameters={
            "objective": "binary:logistic", "num_round": str(rounds), "max_depth": "6", "tree_method": "hist",
            "nthread": "1", "save_model_on_termination": "true",
        },
    )  # fmt: skip


def ended(world: World, name: str) -> dict[str, Any]:
    """The job, once it has ended."""
    client = world.stack.client("sagemaker")

    def last() -> dict[str, Any] | None:
        job = client.describe_training_job(TrainingJobName=name)
        return job if job["TrainingJobStatus"] in FINAL else None

    return wait_for(last, f"{name} to end", world.stack.tail, within=LIMIT)


def logs(world: World, name: str) -> int:
    """How many members have printed something."""
    return world.query(f"SELECT count(DISTINCT stream) FROM engine_logevent WHERE stream LIKE '{name}/%'")[0][0]


def held_out(world: World, job: dict[str, Any], rows: int) -> float:
    """The log loss of a job's model on rows that it has not seen."""
    import xgboost

    key = job["ModelArtifacts"]["S3ModelArtifacts"].split("/", 3)[3]
    body = world.stack.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        content = tar.extractfile("xgboost-model")
        assert content is not None
        model = xgboost.Booster(model_file=bytearray(content.read()))
    unseen = table(20_000, OBJECTS)
    p = model.predict(xgboost.DMatrix(unseen[:, 1:])).clip(1e-7, 1 - 1e-7)
    return float(-np.mean(np.where(unseen[:, 0] > 0, np.log(p), np.log(1 - p))))


def memory_of(world: World, name: str, count: int) -> list[float]:
    """The most memory of each member, in percent of what it may use."""
    cloudwatch = world.stack.client("cloudwatch")
    now = datetime.now(UTC)
    results = []
    for number in range(1, count + 1):
        points = cloudwatch.get_metric_statistics(
            Namespace=METRICS, MetricName="MemoryUtilization", StartTime=now - timedelta(hours=2), EndTime=now,
            Dimensions=[{"Name": "Host", "Value": f"{name}/algo-{number}"}], Period=60, Statistics=["Maximum"],
        )["Datapoints"]  # fmt: skip
        results.append(max((point["Maximum"] for point in points), default=float("nan")))
    return results


def _network(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/ns/net").readlink())
    except OSError:
        return ""


def _processor_seconds(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])
