"""Requests as plain clients send them, each complete, for tests to change one thing in."""

from tests.wire.conftest import BUCKET, IMAGE, ROLE


def training_job(name: str = "job", **changes) -> dict:
    channel = {
        "ChannelName": "train",
        "ContentType": "text/csv",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": f"s3://{BUCKET}/in/train/",
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }
    return {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "HyperParameters": {"objective": "binary:logistic", "num_round": "3"},
        "InputDataConfig": [channel],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    } | changes


def model(name: str = "model", **changes) -> dict:
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/in/model.tar.gz"}
    return {"ModelName": name, "ExecutionRoleArn": ROLE, "PrimaryContainer": container} | changes


def variant(name: str = "AllTraffic", model: str = "model", weight: float = 1.0, **changes) -> dict:
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": weight,
    } | changes


def config(name: str = "config", *variants: dict, **changes) -> dict:
    return {"EndpointConfigName": name, "ProductionVariants": list(variants) or [variant()]} | changes


def endpoint(name: str = "endpoint", config: str = "config", **changes) -> dict:
    return {"EndpointName": name, "EndpointConfigName": config} | changes
