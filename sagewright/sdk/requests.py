"""The request that trains a person's class in script mode, as the scikit-learn image takes it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sagewright.runtime.model import metric_definition
from sagewright.sdk.bundle import INFERENCE, TRAIN
from sagewright.sdk.sources import S3DataSource, TrainingInstance

CLASS_TAG = "sagewright:class"
PROGRAM, SUBMIT_DIRECTORY = "sagemaker_program", "sagemaker_submit_directory"  # hyperparameters of script mode
CODE_IN_MODEL = "/opt/ml/model/code"  # the job puts its code there, so that the artifact is all that hosting needs


def training_request(
    name: str, image: str, role_arn: str, folder: str, code_uri: str, region: str, instance: TrainingInstance,
    channels: Mapping[str, S3DataSource], hyperparameters: Mapping[str, Any], metrics: Sequence[str], cls: str,
    tags: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """CreateTrainingJob: the class in `code_uri`, what it writes below `folder`, an s3://bucket/prefix."""
    settings: dict[str, Any] = {PROGRAM: TRAIN, SUBMIT_DIRECTORY: code_uri, "sagemaker_job_name": name}
    settings |= {"sagemaker_container_log_level": 20, "sagemaker_region": region}
    algorithm: dict[str, Any] = {"TrainingImage": image, "TrainingInputMode": "File"}
    if metrics:
        algorithm["MetricDefinitions"] = [metric_definition(metric) for metric in metrics]
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": algorithm,
        "HyperParameters": {n: json.dumps(value) for n, value in {**hyperparameters, **settings}.items()},
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
    where = {"S3DataType": "S3Prefix", "S3Uri": source.uri, "S3DataDistributionType": "FullyReplicated"}
    channel: dict[str, Any] = {"ChannelName": name, "DataSource": {"S3DataSource": where}}
    return channel | ({"ContentType": source.content_type} if source.content_type else {})


def serving_environment(region: str) -> dict[str, str]:
    """The Environment of a model whose archive has the code in it."""
    return {
        "SAGEMAKER_PROGRAM": INFERENCE,
        "SAGEMAKER_SUBMIT_DIRECTORY": CODE_IN_MODEL,
        "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
        "SAGEMAKER_REGION": region,
    }
