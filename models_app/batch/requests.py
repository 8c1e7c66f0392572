"""The dicts boto3 wants for a batch prediction, made of its row alone, and where its files are. Pure."""

from typing import Any

from django.conf import settings

import algorithms
from jobs import hosting
from models_app.aws.requests import folder, tags
from models_app.models import TransformJob
from tables.batch_rows import CSV, JSON_LINES, REQUESTS

SCHEMA = "schema.json"


def content_type(row: TransformJob) -> str:
    """The content type of the records that the algorithm of `row` takes."""
    algorithm = algorithms.ALGORITHMS.get(row.algorithm)
    return CSV if algorithm is None or CSV in algorithm.content_types else JSON_LINES


def accept(row: TransformJob) -> str:
    """The content type of the answers."""
    algorithm = algorithms.ALGORITHMS.get(row.algorithm)
    return (algorithm.accept_header if algorithm else "") or CSV


def file_of(row: TransformJob, name: str) -> str:
    """The S3 address of one of its files."""
    return f"{folder(row.name)}/{name}"


def answers_uri(row: TransformJob) -> str:
    """Where SageMaker writes the answers."""
    return f"{folder(row.name)}/answers/rows.out"


def model(row: TransformJob) -> dict[str, Any]:
    """CreateModel for what `row` predicts with."""
    image = algorithms.get(row.algorithm).image_uri(settings.REGION)
    request = hosting.model_request(row.sagemaker_model, image, row.artifact, settings.ROLE_ARN)
    return request | {"Tags": tags(row)}


def transform_job(row: TransformJob) -> dict[str, Any]:
    """CreateTransformJob: a record a line, as many in a request as fit, an answer a line."""
    source = {"S3DataType": "S3Prefix", "S3Uri": file_of(row, REQUESTS)}
    return {
        "TransformJobName": row.name,
        "ModelName": row.sagemaker_model,
        "BatchStrategy": "MultiRecord",
        "TransformInput": {
            "DataSource": {"S3DataSource": source},
            "ContentType": content_type(row),
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": answers_uri(row).rpartition("/")[0],
            "Accept": accept(row),
            "AssembleWith": "Line",
        },
        "TransformResources": {"InstanceType": row.instance_type, "InstanceCount": 1},
        "Tags": tags(row),
    }
