"""What boto3 is given, word for word."""

import pytest

from models_app.aws import requests
from models_app.models import Endpoint
from tests.unit.models_app.conftest import alice, training  # noqa: F401

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::123456789012:role/SageMakerRole"
HOME = "s3://sagewright-us-east-1-123456789012/sagewright"


def tags(row) -> list[dict]:
    return [
        {"Key": "sagewright:intent", "Value": str(row.intent)},
        {"Key": "sagewright:model", "Value": "churn"},
        {"Key": "sagewright:owner", "Value": row.owner.username},
    ]


def channel(name: str) -> dict:
    return {
        "ChannelName": name,
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": f"s3://b/sagewright/churn-1a2b3c4d/{name}/",
                "S3DataDistributionType": "FullyReplicated",
            }
        },
        "ContentType": "text/csv",
    }


def test_create_training_job(training):  # noqa: F811
    assert requests.training_job(training) == {
        "TrainingJobName": "churn-1a2b3c4d",
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "HyperParameters": {"num_round": "100", "objective": "binary:logistic"},
        "InputDataConfig": [channel("train"), channel("validation")],
        "OutputDataConfig": {"S3OutputPath": HOME},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "Tags": tags(training),
    }


def test_each_channel_may_have_a_content_type_of_its_own(training):  # noqa: F811
    training.content_type = "text/csv;label_size=0"
    training.content_types = {"test": "text/csv;label_size=1"}
    training.channels = {"train": "s3://b/train/", "test": "s3://b/test/"}
    request = requests.training_job(training)["InputDataConfig"]
    assert [(channel["ChannelName"], channel["ContentType"]) for channel in request] == [
        ("train", "text/csv;label_size=0"),
        ("test", "text/csv;label_size=1"),
    ]


def test_recordio_a_larger_volume_and_a_cost_limit(training):  # noqa: F811
    training.content_type = "application/x-recordio-protobuf"
    training.model.volume_gb, training.model.cost_limit = 120, 0.0575
    request = requests.training_job(training)
    assert {channel["ContentType"] for channel in request["InputDataConfig"]} == {"application/x-recordio-protobuf"}
    assert request["ResourceConfig"]["VolumeSizeInGB"] == 120
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 1680}
    assert request["AlgorithmSpecification"]["TrainingInputMode"] == "File"


@pytest.fixture
def endpoint(training):  # noqa: F811
    return Endpoint(
        name="churn-live",
        owner=training.owner,
        model=training.model,
        sagemaker_model="churn-9f8e7d6c",
        config_name="churn-9f8e7d6c",
        artifact=f"{HOME}/churn-1a2b3c4d/output/model.tar.gz",
        instance_type="ml.m5.large",
    )


def test_create_model(endpoint):
    assert requests.model(endpoint) == {
        "ModelName": "churn-9f8e7d6c",
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": f"{HOME}/churn-1a2b3c4d/output/model.tar.gz"},
        "Tags": tags(endpoint),
    }


def test_the_schema_travels_with_the_model(endpoint):
    endpoint.model.schema = {"columns": [], "features": []}
    assert requests.model(endpoint)["PrimaryContainer"] == {
        "Image": IMAGE,
        "ModelDataUrl": f"{HOME}/churn-1a2b3c4d/output/model.tar.gz",
        "Environment": {"SAGEWRIGHT_SCHEMA": f"{HOME}/churn-1a2b3c4d/schema.json"},
    }


def test_create_endpoint_config_and_endpoint(endpoint):
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "churn-9f8e7d6c",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
        "InitialVariantWeight": 1.0,
    }
    assert requests.endpoint_config(endpoint) == {
        "EndpointConfigName": "churn-9f8e7d6c",
        "ProductionVariants": [variant],
        "Tags": tags(endpoint),
    }
    assert requests.endpoint(endpoint) == {
        "EndpointName": "churn-live",
        "EndpointConfigName": "churn-9f8e7d6c",
        "Tags": tags(endpoint),
    }
