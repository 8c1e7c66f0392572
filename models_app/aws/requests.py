"""The dicts boto3 wants, made of rows alone: no network, no clock."""

from typing import Any

from django.conf import settings

import algorithms
from models_app.create import cost_limit
from models_app.models import Endpoint, Model, TrainingJob

INTENT_TAG = "sagewright:intent"
MODEL_TAG = "sagewright:model"
VARIANT = "AllTraffic"
SCHEMA_VARIABLE = "SAGEWRIGHT_SCHEMA"


def folder(job_name: str) -> str:
    """Where everything of one job is kept: s3://bucket/sagewright/<job>."""
    return f"{_home()}/{job_name}"


def schema_uri(model: Model) -> str:
    """Where the schema of `model` is kept, which was written when its data was prepared; "" before that."""
    return f"{folder(model.job.name)}/schema.json" if model.schema and model.job else ""


def training_job(job: TrainingJob) -> dict:
    """CreateTrainingJob for `job`, whose data is prepared."""
    model = _model_of(job)
    return {
        "TrainingJobName": job.name,
        "AlgorithmSpecification": {"TrainingImage": _image(job.algorithm), "TrainingInputMode": "File"},
        "RoleArn": settings.ROLE_ARN,
        "HyperParameters": job.hyperparameters,
        "InputDataConfig": [
            _channel(name, uri, job.content_types.get(name, job.content_type)) for name, uri in job.channels.items()
        ],
        "OutputDataConfig": {"S3OutputPath": _home()},
        "ResourceConfig": {
            "InstanceType": job.instance_type,
            "InstanceCount": model.instance_count,
            "VolumeSizeInGB": model.volume_gb,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": cost_limit.runtime(model)},
        "Tags": _tags(job),
    }


def model(endpoint: Endpoint) -> dict:
    """CreateModel for what `endpoint` will host."""
    container: dict[str, Any] = {"Image": _image(_model_of(endpoint).algorithm), "ModelDataUrl": endpoint.artifact}
    if schema := schema_uri(_model_of(endpoint)):
        # AWS's containers take no notice of it; our engine reads it, so that rows may be sent by column name.
        container["Environment"] = {SCHEMA_VARIABLE: schema}
    return {
        "ModelName": endpoint.sagemaker_model,
        "ExecutionRoleArn": settings.ROLE_ARN,
        "PrimaryContainer": container,
        "Tags": _tags(endpoint),
    }


def endpoint_config(endpoint: Endpoint) -> dict:
    """CreateEndpointConfig: one variant that takes all traffic."""
    variant = {
        "VariantName": VARIANT,
        "ModelName": endpoint.sagemaker_model,
        "InitialInstanceCount": 1,
        "InstanceType": endpoint.instance_type,
        "InitialVariantWeight": 1.0,
    }
    return {
        "EndpointConfigName": endpoint.config_name,
        "ProductionVariants": [variant],
        "Tags": _tags(endpoint),
    }


def endpoint(endpoint: Endpoint) -> dict:
    """CreateEndpoint."""
    return {
        "EndpointName": endpoint.name,
        "EndpointConfigName": endpoint.config_name,
        "Tags": _tags(endpoint),
    }


def _home() -> str:
    return f"s3://{settings.DEFAULT_BUCKET}/sagewright"


def _image(algorithm: str) -> str:
    return algorithms.get(algorithm).image_uri(settings.REGION)


def _channel(name: str, uri: str, content_type: str) -> dict:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, "ContentType": content_type}


def _tags(row: TrainingJob | Endpoint) -> list[dict]:
    return [{"Key": INTENT_TAG, "Value": str(row.intent)}, {"Key": MODEL_TAG, "Value": _model_of(row).name}]


def _model_of(row: TrainingJob | Endpoint) -> Model:
    """What the console asks SageMaker for always belongs to a model; only what others made does not."""
    assert row.model is not None, f"{row} belongs to no model"
    return row.model
