"""Training jobs to be interrupted: started by boto3, long enough to be caught, checked to the last byte."""

import io
import random
import tarfile
import time
from datetime import UTC, datetime, timedelta

from tests.stack import Stack
from tests.waiting import wait_for

REGION = "us-east-1"
IMAGE = f"683313688378.dkr.ecr.{REGION}.amazonaws.com/sagemaker-xgboost:1.7-1"
ROLE = "arn:aws:iam::123456789012:role/SageMakerRole"
BUCKET = "kill-tests"
DATA = f"s3://{BUCKET}/in/train/"
HEADED = f"s3://{BUCKET}/in/headed.csv"
COLUMNS = 12
BEFORE = ("Pending", "Starting", "Downloading")  # a job's states before it trains
GROUP = METRICS = "/aws/sagemaker/TrainingJobs"


class Jobs:
    """The training jobs of one test on one stack; the first use makes bucket and tables."""

    def __init__(self, stack: Stack):
        self.s3, self.sagemaker = stack.client("s3"), stack.client("sagemaker")
        self.logs, self.cloudwatch = stack.client("logs"), stack.client("cloudwatch")
        if BUCKET not in [bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]]:
            self.s3.create_bucket(Bucket=BUCKET)
            self.s3.put_object(Bucket=BUCKET, Key="in/train/train.csv", Body=table(6000, header=False))
            self.s3.put_object(Bucket=BUCKET, Key="in/headed.csv", Body=table(1500, header=True))

    def start(self, name: str, rounds: int = 150) -> str:
        """Ask for a job of some seconds, and return its name once it trains."""
        self.ask(name, rounds)
        wait_for(lambda: self.describe(name)["SecondaryStatus"] not in BEFORE, f"{name} to train")
        return name

    def ask(self, name: str, rounds: int) -> None:
        """Ask for a job, once."""
        self.sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            RoleArn=ROLE,
            InputDataConfig=[
                {
                    "ChannelName": "train",
                    "ContentType": "text/csv",
                    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": DATA}},
                }
            ],
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/out"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
            StoppingCondition={"MaxRuntimeInSeconds": 600},
            HyperParameters={
                "objective": "binary:logistic",
                "num_round": str(rounds),
                "max_depth": "6",
                "nthread": "1",
                "eval_metric": "logloss",
            },
        )

    def describe(self, name: str) -> dict:
        return self.sagemaker.describe_training_job(TrainingJobName=name)

    def wait(self, name: str) -> dict:
        """The job's description once it is over."""
        over = ("Completed", "Failed", "Stopped")
        wait_for(lambda: self.describe(name)["TrainingJobStatus"] in over, f"{name} to end")
        return self.describe(name)

    def check(self, name: str, rounds: int = 150) -> int:
        """That the job ended right and once; how often it had to begin."""
        job = self.describe(name)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        steps = [step["Status"] for step in job["SecondaryStatusTransitions"]]
        assert steps.count("Completed") == 1
        assert steps[-1] == "Completed"
        assert [j["TrainingJobName"] for j in self._listed(name)] == [name]
        self._check_artifact(name, job["ModelArtifacts"]["S3ModelArtifacts"])
        streams = self.logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")["logStreams"]
        assert len(streams) == 1, streams
        assert self.samples(name, "train:logloss") == rounds, "each round reported once, however often it began"
        names = [metric["MetricName"] for metric in job["FinalMetricDataList"]]
        assert len(names) == len(set(names))
        return 1 + steps.count("Restarting")

    def _listed(self, name: str) -> list[dict]:
        return self.sagemaker.list_training_jobs(NameContains=name, MaxResults=100)["TrainingJobSummaries"]

    def _check_artifact(self, name: str, uri: str) -> None:
        listing = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"out/{name}/").get("Contents", [])
        assert [f"s3://{BUCKET}/{o['Key']}" for o in listing if o["Key"].endswith("model.tar.gz")] == [uri]
        body = self.s3.get_object(Bucket=BUCKET, Key=uri.removeprefix(f"s3://{BUCKET}/"))["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            assert "xgboost-model" in [member.name.removeprefix("./") for member in archive]

    def samples(self, name: str, metric: str) -> float:
        now = datetime.now(UTC)
        points = self.cloudwatch.get_metric_statistics(
            Namespace=METRICS,
            MetricName=metric,
            Dimensions=[{"Name": "Host", "Value": f"{name}/algo-1"}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=2),
            Period=3600,
            Statistics=["SampleCount"],
        )["Datapoints"]
        return sum(point["SampleCount"] for point in points)


def table(rows: int, header: bool) -> bytes:
    """A table whose label can be learnt: label first without a header, as XGBoost wants it, or last below one."""
    chance = random.Random(7)
    lines = [",".join([*(f"f{i}" for i in range(COLUMNS)), "label"])] if header else []
    for _ in range(rows):
        features = [chance.random() for _ in range(COLUMNS)]
        label = str(int(features[0] + features[1] * features[2] + chance.gauss(0, 0.1) > 0.75))
        texts = [f"{value:.5f}" for value in features]
        lines.append(",".join([*texts, label] if header else [label, *texts]))
    return "\n".join([*lines, ""]).encode()


def stamp() -> str:
    """Something to make names of one run differ from those of another."""
    return f"{int(time.time()) % 1_000_000}"
