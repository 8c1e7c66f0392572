"""A whole training job against a bare script on the same table: `python -m bench.training`.

The job goes the full way: CreateTrainingJob by boto3, worker, download, training in its own process, upload, Completed
as seen by a client that asks every 20 ms. The script is a fresh Python that reads the same file and trains with the
same settings. Both run in turn, round by round, so that a busy machine slows both. With AWS_ENDPOINT_URL set the
running Sagewright there is measured; otherwise one is started for the occasion.
"""

import contextlib
import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import boto3
import numpy as np

from common.s3_uri import split_s3_uri

ROLE = "arn:aws:iam::123456789012:role/SageMakerRole"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
SECONDS = 30  # a table, after which no further round begins
# table -> (rounds of the comparison, hyperparameters)
TABLES = {
    "cancer": (7, {"objective": "binary:logistic", "num_round": "100", "max_depth": "5", "eval_metric": "logloss"}),
    "100k x 20": (3, {"objective": "binary:logistic", "num_round": "60", "max_depth": "6", "eval_metric": "logloss"}),
}


def main() -> None:
    with contextlib.ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        client = _clients(running)
        bucket = f"bench-{uuid.uuid4().hex[:12]}"
        client("s3").create_bucket(Bucket=bucket)
        running.callback(_remove, client("s3"), bucket)
        for table, (rounds, params) in TABLES.items():
            file = folder / f"{table}.csv"
            file.write_bytes(csv_of(table))
            prefix = table.replace(" ", "-")
            client("s3").upload_file(str(file), bucket, f"{prefix}/train.csv")
            _compare(table, rounds, file, params, client, bucket, prefix)


def _compare(table: str, rounds: int, file: Path, params: dict, client: Callable, bucket: str, prefix: str) -> None:
    observed: list[tuple[float, float, float]] = []
    give_up = time.monotonic() + SECONDS
    for number in range(rounds + 1):
        model = file.with_suffix(".ubj")
        script = _script(file, params, model)
        whole, own, uri = train(client, bucket, prefix, params)
        if number:  # the first round warms both up
            observed.append((script, whole, own))
        else:
            _check(client("s3"), uri, model, file)
        if observed and time.monotonic() > give_up:
            break
    for name, times in zip(("script", "job", "training"), zip(*observed, strict=True), strict=True):
        print(
            f"{table:10} {name:9} median {statistics.median(times) * 1000:7.0f} ms   best {min(times) * 1000:7.0f} ms"
        )
    ratios = [statistics.median(row[i] / row[0] for row in observed) for i in (1, 2)]
    of_rounds = f"({len(observed)} rounds)"
    print(f"{table:10} job / script {ratios[0]:.2f}   training phase / script {ratios[1]:.2f}   {of_rounds}\n")


def _script(file: Path, params: dict, model: Path) -> float:
    command = [sys.executable, "-m", "bench.peer_training", str(file), json.dumps(_typed(params)), str(model)]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - begun


def train(client: Callable, bucket: str, prefix: str, params: dict) -> tuple[float, float, str]:
    """Seconds from Create to Completed as a client sees them, seconds of its Training phase, and the artifact."""
    sagemaker, name = client("sagemaker"), f"bench-{uuid.uuid4().hex[:12]}"
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://{bucket}/{prefix}/",
        "S3DataDistributionType": "FullyReplicated",
    }
    begun = time.perf_counter()
    sagemaker.create_training_job(
        TrainingJobName=name,
        RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        HyperParameters=params,
        InputDataConfig=[{"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}],
        OutputDataConfig={"S3OutputPath": f"s3://{bucket}/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    while (job := sagemaker.describe_training_job(TrainingJobName=name))["TrainingJobStatus"] == "InProgress":
        time.sleep(0.02)
    whole = time.perf_counter() - begun
    if job["TrainingJobStatus"] != "Completed":
        raise SystemExit(f"{name}: {job.get('FailureReason')}")
    (phase,) = (s for s in job["SecondaryStatusTransitions"] if s["Status"] == "Training")
    return whole, (phase["EndTime"] - phase["StartTime"]).total_seconds(), job["ModelArtifacts"]["S3ModelArtifacts"]


def _check(s3, uri: str, model: Path, file: Path) -> None:
    """Both must have made the same model, or there is nothing to compare."""
    import xgboost as xgb

    bucket, key = split_s3_uri(uri)
    with tarfile.open(fileobj=io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read())) as tar:
        ours = xgb.Booster(model_file=bytearray(tar.extractfile("xgboost-model").read()))
    rows = xgb.DMatrix(np.loadtxt(file, delimiter=",", dtype=np.float32, max_rows=1000)[:, 1:])
    apart = np.abs(ours.predict(rows) - xgb.Booster(model_file=str(model)).predict(rows)).max()
    if apart > 1e-6:
        raise SystemExit(f"the two models differ by up to {apart}")


def _clients(running: contextlib.ExitStack) -> Callable:
    if "AWS_ENDPOINT_URL" in os.environ:
        return lambda service: boto3.client(service)
    from tests.stack import Stack

    stack = running.enter_context(Stack())
    created: dict = {}
    return lambda service: created.get(service) or created.setdefault(service, stack.client(service))


def csv_of(table: str) -> bytes:
    """One of TABLES as CSV without a header, the label first."""
    return _cancer() if table == "cancer" else _synthetic(100_000, 20)


def _cancer() -> bytes:
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    return _csv(np.column_stack([data.target, data.data]))


def _synthetic(rows: int, columns: int) -> bytes:
    random = np.random.default_rng(7)
    features = random.normal(size=(rows, columns))
    label = (features[:, :5].sum(axis=1) + random.normal(size=rows) > 0).astype(float)
    return _csv(np.column_stack([label, features]))


def _csv(table: np.ndarray) -> bytes:
    text = io.BytesIO()
    np.savetxt(text, table, delimiter=",", fmt="%.6g")
    return text.getvalue()


def _typed(params: dict) -> dict:
    return {name: int(value) if value.isdigit() else value for name, value in params.items()}


def _remove(s3, bucket: str) -> None:
    for item in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        s3.delete_object(Bucket=bucket, Key=item["Key"])
    s3.delete_bucket(Bucket=bucket)


if __name__ == "__main__":
    main()
