"""The requests that host a trained model: CreateModel, CreateEndpointConfig and CreateEndpoint. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.contract import NO_ENVIRONMENT

VARIANT = "AllTraffic"
SCHEMA_VARIABLE = "SAGEWRIGHT_SCHEMA"


def model_request(
    name: str, image: str, artifact: str, role_arn: str, schema_uri: str = "",
    environment: Mapping[str, str] = NO_ENVIRONMENT,
) -> dict[str, Any]:  # fmt: skip
    """CreateModel for the model archive at the S3 URI `artifact`. `schema_uri` names how the table was encoded.

    `environment` are the variables of the container, which people's own code has.
    """
    container: dict[str, Any] = {"Image": image, "ModelDataUrl": artifact}
    if environment:
        container["Environment"] = dict(environment)
    if schema_uri:
        # AWS's containers take no notice of it; our engine reads it, so that rows may be sent by column name.
        container["Environment"] = {**environment, SCHEMA_VARIABLE: schema_uri}
    return {"ModelName": name, "ExecutionRoleArn": role_arn, "PrimaryContainer": container}


def endpoint_config_request(name: str, model: str, instance_type: str) -> dict[str, Any]:
    """CreateEndpointConfig: one variant on one instance that takes all traffic."""
    variant = {
        "VariantName": VARIANT,
        "ModelName": model,
        "InitialInstanceCount": 1,
        "InstanceType": instance_type,
        "InitialVariantWeight": 1.0,
    }
    return {"EndpointConfigName": name, "ProductionVariants": [variant]}


def endpoint_request(name: str, config: str) -> dict[str, Any]:
    """CreateEndpoint."""
    return {"EndpointName": name, "EndpointConfigName": config}


def data_capture_config(destination: str, share: int, mode: str, *, is_on: bool = True) -> dict[str, Any]:
    """The DataCaptureConfig of `share` percent of the requests; `mode` is Input, Output or InputAndOutput."""
    modes = ("Input", "Output") if mode == "InputAndOutput" else (mode,)
    return {
        "EnableCapture": is_on,
        "InitialSamplingPercentage": share,
        "DestinationS3Uri": destination,
        "CaptureOptions": [{"CaptureMode": one} for one in modes],
        # Without these SageMaker writes the data in Base64.
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json", "application/jsonlines"],
        },
    }
