"""An endpoint as DescribeEndpoint and ListEndpoints answer it."""

from engine.models import Endpoint

NUMBERS = ("CurrentWeight", "DesiredWeight", "CurrentInstanceCount", "DesiredInstanceCount")


def describe(endpoint: Endpoint) -> dict:
    """The response of DescribeEndpoint."""
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": endpoint.config_name,
        "ProductionVariants": [_variant(v) for v in endpoint.variants] or None,
        "DataCaptureConfig": _capture(endpoint),
        "EndpointStatus": endpoint.status,
        "FailureReason": endpoint.failure_reason or None,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
    }


def summarize(endpoint: Endpoint) -> dict:
    """The endpoint's entry in ListEndpoints."""
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
        "EndpointStatus": endpoint.status,
    }


def _variant(variant: dict) -> dict:
    image = {"SpecifiedImage": variant["Image"], "ResolvedImage": variant["Image"]}
    answer = {"VariantName": variant["VariantName"], "DeployedImages": [image]}
    answer |= {name: variant[name] for name in NUMBERS}
    if serverless := variant.get("ServerlessConfig"):
        answer |= {"CurrentServerlessConfig": serverless, "DesiredServerlessConfig": serverless}
    return answer


def _capture(endpoint: Endpoint) -> dict | None:
    config = endpoint.capture
    if not config:
        return None
    return {
        "EnableCapture": config.get("EnableCapture", False),
        "CaptureStatus": "Started" if config.get("EnableCapture") else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        "KmsKeyId": "",
    }
