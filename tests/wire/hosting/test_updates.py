"""Updates of endpoints: configurations, weights and counts."""

from common import capture_tags
from engine.models import Endpoint
from engine.serving.capture import CaptureSettings
from tables.masking import Mask
from tests.wire import asks
from tests.wire.hosting.conftest import Status, deploy
from tests.wire.refusals import refused


def test_an_update_switches_the_configuration_while_the_old_variants_answer(serving):
    serving.update_endpoint(EndpointName="endpoint", EndpointConfigName="other")
    endpoint = serving.describe_endpoint(EndpointName="endpoint")
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("Updating", "config")
    assert Endpoint.objects.get().variants
    deploy()
    endpoint = serving.describe_endpoint(EndpointName="endpoint")
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "other")


def test_an_update_that_fails_rolls_back_and_keeps_the_reason(serving, broken):
    serving.update_endpoint(EndpointName="endpoint", EndpointConfigName="broken")
    before = Endpoint.objects.get().variants
    deploy()
    endpoint = serving.describe_endpoint(EndpointName="endpoint")
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "config")
    assert "did not pass the ping health check" in endpoint["FailureReason"]
    assert Endpoint.objects.get().variants == before
    serving.update_endpoint(EndpointName="endpoint", EndpointConfigName="other")
    deploy()
    assert "FailureReason" not in serving.describe_endpoint(EndpointName="endpoint")


def test_weights_and_counts_are_changed_by_the_worker(hosting, trusting):
    two = [asks.variant("a"), asks.variant("b", weight=3.0)]
    hosting.create_endpoint_config(**asks.config("two", *two))
    hosting.create_endpoint(**asks.endpoint(config="two"))
    deploy()
    hosting.update_endpoint_weights_and_capacities(
        EndpointName="endpoint",
        DesiredWeightsAndCapacities=[{"VariantName": "b", "DesiredWeight": 0.5, "DesiredInstanceCount": 2}],
    )
    b = hosting.describe_endpoint(EndpointName="endpoint")["ProductionVariants"][1]
    assert (b["CurrentWeight"], b["DesiredWeight"], b["DesiredInstanceCount"]) == (3.0, 0.5, 2)
    deploy()
    endpoint = hosting.describe_endpoint(EndpointName="endpoint")
    a, b = endpoint["ProductionVariants"]
    assert (endpoint["EndpointStatus"], a["CurrentWeight"], b["CurrentWeight"]) == ("InService", 1.0, 0.5)
    assert b["CurrentInstanceCount"] == 2
    # An update may keep what was set, or not.
    hosting.update_endpoint(
        EndpointName="endpoint",
        EndpointConfigName="two",
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredInstanceCount"}],
    )
    deploy()
    b = hosting.describe_endpoint(EndpointName="endpoint")["ProductionVariants"][1]
    assert (b["CurrentWeight"], b["CurrentInstanceCount"]) == (0.5, 1)


def test_a_variant_is_changed_once_a_request(serving):
    twice = [{"VariantName": "AllTraffic", "DesiredWeight": weight} for weight in (1.0, 2.0)]
    with refused("ValidationException") as caught:
        serving.update_endpoint_weights_and_capacities(EndpointName="endpoint", DesiredWeightsAndCapacities=twice)
    assert "DesiredWeightsAndCapacities has: AllTraffic, AllTraffic" in caught.message


def test_weights_that_make_no_sense(serving):
    for name, weight, text in (
        ("none", 1.0, "Could not find production variant 'none'"),
        ("AllTraffic", 0.0, "above 0"),
    ):
        with refused("ValidationException") as caught:
            serving.update_endpoint_weights_and_capacities(
                EndpointName="endpoint", DesiredWeightsAndCapacities=[{"VariantName": name, "DesiredWeight": weight}]
            )
        assert text in caught.message
    assert Endpoint.objects.get().status == Status.IN_SERVICE


def test_other_ways_of_switching_over_are_not_promised(serving):
    canary = {"Type": "CANARY", "WaitIntervalInSeconds": 0, "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1}}
    policy = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": canary}}
    with refused("ValidationException") as caught:
        serving.update_endpoint(EndpointName="endpoint", EndpointConfigName="other", DeploymentConfig=policy)
    assert "ALL_AT_ONCE only" in caught.message


def test_an_update_turns_data_capture_on_and_keeps_it_when_asked_to(serving, trusting):
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 20,
        "DestinationS3Uri": "s3://bucket/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    mask = Mask(frozenset(["city"]), {2: frozenset([1])})
    tags = [{"Key": key, "Value": value} for key, value in capture_tags.to_tags(mask.encode()).items()]
    arn = serving.create_endpoint_config(**asks.config("capturing", DataCaptureConfig=capture, Tags=tags))
    listing = {tag["Key"]: tag["Value"] for tag in serving.list_tags(ResourceArn=arn["EndpointConfigArn"])["Tags"]}
    assert listing[capture_tags.MASKED_TAG] == "1"
    assert "DataCaptureConfig" not in serving.describe_endpoint(EndpointName="endpoint")
    serving.update_endpoint(EndpointName="endpoint", EndpointConfigName="capturing")
    deploy()
    described = serving.describe_endpoint(EndpointName="endpoint")["DataCaptureConfig"]
    assert (described["EnableCapture"], described["CaptureStatus"]) == (True, "Started")
    assert (described["CurrentSamplingPercentage"], described["DestinationS3Uri"]) == (20, "s3://bucket/captured")
    route = Endpoint.objects.get(name="endpoint")
    assert CaptureSettings.of_config(route.capture).mask == mask
    serving.update_endpoint(EndpointName="endpoint", EndpointConfigName="other", RetainAllVariantProperties=True)
    deploy()
    assert serving.describe_endpoint(EndpointName="endpoint")["DataCaptureConfig"]["EnableCapture"]
    serving.update_endpoint(EndpointName="endpoint", EndpointConfigName="other")
    deploy()
    assert "DataCaptureConfig" not in serving.describe_endpoint(EndpointName="endpoint")
