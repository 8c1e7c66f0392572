"""What boto3 is given, word for word."""

import pytest

from models_app import requests
from models_app.models import Endpoint
from tests.unit.console.conftest import alice, training  # noqa: F401

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::123456789012:role/SageMakerRole"
HOME = "s3://sagewright-us-east-1-123456789012/sagewright"


def tags(row) -> list[dict]:
    return [{"Key": "sagewright:intent", "Value": str(row.intent)}, {"Key": "sagewright:model", "Value": "churn"}]


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


@pytest.fixture
def endpoint(training):  # noqa: F811
    return Endpoint(
        name="churn-live",
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
