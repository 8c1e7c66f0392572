"""Endpoint configurations as boto3 sees them."""

import pytest

from engine.models import EndpointConfig
from tests.wire import asks
from tests.wire.conftest import BUCKET
from tests.wire.hosting.conftest import ARN
from tests.wire.refusals import refused


def test_a_configuration_is_described_as_it_was_made(hosting):
    config = hosting.describe_endpoint_config(EndpointConfigName="config")
    assert config["EndpointConfigArn"] == ARN + "endpoint-config/config"
    assert config["ProductionVariants"] == [asks.variant()]
    names = [c["EndpointConfigName"] for c in hosting.list_endpoint_configs()["EndpointConfigs"]]
    assert names == ["other", "config"]
    hosting.delete_endpoint_config(EndpointConfigName="config")
    assert EndpointConfig.objects.count() == 1


def test_one_configuration_a_name(hosting):
    text = f'Cannot create already existing endpoint configuration "{ARN}endpoint-config/config".'
    with refused("ValidationException", text):
        hosting.create_endpoint_config(**asks.config())


def test_a_configuration_needs_its_models(hosting):
    with refused("ValidationException", f'Could not find model "{ARN}model/none".'):
        hosting.create_endpoint_config(**asks.config("new", asks.variant(model="none")))


@pytest.mark.parametrize("operation", ["describe_endpoint_config", "delete_endpoint_config"])
def test_a_configuration_that_is_not_there(sm, operation):
    with refused("ValidationException", f'Could not find endpoint configuration "{ARN}endpoint-config/none".'):
        getattr(sm, operation)(EndpointConfigName="none")


def serverless(**changes) -> dict:
    config = {"MemorySizeInMB": 2048, "MaxConcurrency": 5} | changes
    return {"VariantName": "AllTraffic", "ModelName": "model", "ServerlessConfig": config}


@pytest.mark.parametrize("memory", [1024, 6144])
def test_serverless_memory_is_whole_gigabytes(hosting, memory):
    hosting.create_endpoint_config(**asks.config("new", serverless(MemorySizeInMB=memory, ProvisionedConcurrency=5)))


def test_configurations_we_cannot_host(hosting):
    twice = [asks.variant(), asks.variant()]
    sizeless = {"VariantName": "a", "ModelName": "model"}
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 1,
        "DestinationS3Uri": f"s3://{BUCKET}/c",
        "CaptureOptions": [{"CaptureMode": "Input"}],
        "KmsKeyId": "key",
    }
    for ask, text in (
        (asks.config("new", *twice), "Variant names must be unique"),
        (asks.config("new", asks.variant(weight=0)), "a weight above 0"),
        (asks.config("new", sizeless), "give InstanceType and InitialInstanceCount"),
        (asks.config("new", DataCaptureConfig=capture), "does not offer KMS keys"),
        (asks.config("new", Tags=[{"Key": "sagewright:mask-1", "Value": "x"}]), "sagewright:mask-1 cannot be read"),
        (asks.config("new", ShadowProductionVariants=[asks.variant("s")]), "shadow variants"),
        (asks.config("new", serverless(MemorySizeInMB=1500)), "MemorySizeInMB is 1500; it must be one of 1024, 2048"),
        (asks.config("new", serverless(ProvisionedConcurrency=6)), "at most MaxConcurrency, 5"),
        (asks.config("new", serverless() | {"InitialInstanceCount": 1}), "takes the place of InstanceType"),
    ):
        with refused("ValidationException") as caught:
            hosting.create_endpoint_config(**ask)
        assert text in caught.message
