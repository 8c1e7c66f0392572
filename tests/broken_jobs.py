"""Training jobs that a plain client breaks, each in its own way, and what the console says of them."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import algorithms

ROWS = 240
XGBOOST = {"num_round": "5", "objective": "binary:logistic"}


@dataclass(frozen=True)
class Broken:
    """A request whose job fails. `line` is where its first bad row is, 0 where it is about no row."""

    cause: str
    body: str
    hyperparameters: dict[str, str] = field(default_factory=lambda: dict(XGBOOST))
    algorithm: str = "xgboost"
    content_type: str = "text/csv"
    channel: str = "train"
    line: int = 0

    def request(self, bucket: str, role: str) -> dict[str, Any]:
        """The CreateTrainingJob request for `body` at `key(bucket)`."""
        name = f"broken-{self.cause}-{uuid.uuid4().hex[:6]}"[:63]
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/{self.key}"}
        channel: dict[str, Any] = {"ChannelName": self.channel, "DataSource": {"S3DataSource": source}}
        if self.content_type:
            channel["ContentType"] = self.content_type
        return {
            "TrainingJobName": name,
            "RoleArn": role,
            "AlgorithmSpecification": {
                "TrainingImage": algorithms.get(self.algorithm).image_uri("us-east-1"),
                "TrainingInputMode": "File",
            },
            "HyperParameters": self.hyperparameters,
            "InputDataConfig": [channel],
            "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/out"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        }

    @property
    def key(self) -> str:
        """Where the table is: a folder for each kind of fault, so that attempts at one are found."""
        return f"broken/{self.cause}/table.csv"


def table(change: dict[int, str] | None = None, classes: int = 2, header: str = "") -> str:
    """Rows of a label and two numbers; `change` replaces lines, which count from 1."""
    lines = [f"{i % classes},{i},{i * i % 17}" for i in range(ROWS)]
    lines = [header, *lines] if header else lines
    for line, text in (change or {}).items():
        lines[line - 1] = text
    return "\n".join(lines) + "\n"


SOFTMAX = {"num_round": "5", "objective": "multi:softmax", "num_class": "2"}
BROKEN = (
    Broken("header-row", table(header="churned,age,fee"), line=1),
    Broken("text-in-numbers", table({120: "1,red,4"}), line=120),
    Broken("labels-not-binary", table(classes=3), line=3),
    Broken("labels-beyond-classes", table(classes=3), SOFTMAX),
    Broken("hyperparameter-value", table(), XGBOOST | {"eta": "1.5"}),
    Broken("hyperparameter-unknown", table(), XGBOOST | {"n_estimators": "100"}),
    Broken("hyperparameter-missing", table(), {"objective": "binary:logistic"}),
    Broken("not-libsvm", table(), content_type=""),
    Broken("channel-missing", table(), channel="training"),
    Broken(
        "k-beyond-rows", table(), {"k": "5000", "feature_dim": "3", "mini_batch_size": "100"}, algorithm="kmeans",
        content_type="text/csv;label_size=0",
    ),
)  # fmt: skip
