"""The request that trains a person's class in script mode, as the scikit-learn image takes it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagewright.sdk.sources import REPLICATED, S3DataSource, TrainingInstance

CLASS_TAG = "sagewright:class"
INFERENCE = "inference.py"  # the program of a class's endpoint
PROGRAM, SUBMIT_DIRECTORY = "sagemaker_program", "sagemaker_submit_directory"  # hyperparameters of script mode


def training_request(
    name: str, image: str, role_arn: str, folder: str, instance: TrainingInstance,
    channels: Mapping[str, S3DataSource], settings: Mapping[str, Any], cls: str, tags: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """CreateTrainingJob of a class, which writes below `folder`, an s3://bucket/prefix.

    `settings` has its HyperParameters and its MetricDefinitions.
    """
    algorithm: dict[str, Any] = {"TrainingImage": image, "TrainingInputMode": "File"}
    if settings["MetricDefinitions"]:
        algorithm["MetricDefinitions"] = settings["MetricDefinitions"]
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": algorithm,
        "HyperParameters": settings["HyperParameters"],
        "InputDataConfig": [_channel(channel, source) for channel, source in channels.items()],
        "OutputDataConfig": {"S3OutputPath": folder},
        "ResourceConfig": {
            "InstanceType": instance.type,
            "InstanceCount": instance.count,
            "VolumeSizeInGB": instance.volume_gb,
        },
        "RoleArn": role_arn,
        "StoppingCondition": {"MaxRuntimeInSeconds": instance.max_runtime},
        "Tags": [{"Key": key, "Value": value} for key, value in {CLASS_TAG: cls, **tags}.items()],
    }


def _channel(name: str, source: S3DataSource) -> dict[str, Any]:
    where = {"S3DataType": "S3Prefix", "S3Uri": source.uri, "S3DataDistributionType": source.distribution or REPLICATED}
    channel: dict[str, Any] = {"ChannelName": name, "DataSource": {"S3DataSource": where}}
    return channel | ({"ContentType": source.content_type} if source.content_type else {})
