"""Endpoints as boto3 sees them, carried out by the real hosting worker's code."""

import time
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from django.utils.timezone import now

from engine.hosting.tasks import deploy as deploy_task
from engine.models import Endpoint, LogEvent, Tag
from engine.services import endpoints
from tests.waiting import LIMIT, STEP, wait_for
from tests.wire import asks
from tests.wire.conftest import BUCKET
from tests.wire.hosting.conftest import ARN, Status, deploy
from tests.wire.refusals import refused


def test_an_endpoint_comes_into_service_after_its_model_has_answered(hosting):
    arn = hosting.create_endpoint(**asks.endpoint())["EndpointArn"]
    assert arn == ARN + "endpoint/endpoint"
    endpoint = hosting.describe_endpoint(EndpointName="endpoint")
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("Creating", "config")
    assert "ProductionVariants" not in endpoint
    deploy()
    endpoint = hosting.describe_endpoint(EndpointName="endpoint")
    assert endpoint["EndpointStatus"] == "InService"
    variant = endpoint["ProductionVariants"][0]
    assert (variant["VariantName"], variant["CurrentInstanceCount"], variant["CurrentWeight"]) == ("AllTraffic", 1, 1.0)
    assert [e["EndpointStatus"] for e in hosting.list_endpoints()["Endpoints"]] == ["InService"]
    row = Endpoint.objects.get()
    assert row.variants[0]["ModelDataUrl"] == f"s3://{BUCKET}/in/model.tar.gz"
    assert (row.worker, row.target_config, row.target_variants, row.attempt) == ("", "", [], 0)
    assert "takes 3 features" in LogEvent.objects.get(group="/aws/sagemaker/Endpoints/endpoint").message


def test_the_first_describe_waits_a_moment_for_the_model(hosting, trusting, monkeypatch):
    monkeypatch.setattr(endpoints, "MAX_WAIT", timedelta(seconds=60))
    monkeypatch.setattr(endpoints, "FIRST_POLL", timedelta(seconds=30))
    hosting.create_endpoint(**asks.endpoint())
    with ThreadPoolExecutor(1) as pool:
        answers = pool.submit(hosting.describe_endpoint, EndpointName="endpoint")
        time.sleep(0.3)
        deploy()
        assert answers.result(LIMIT)["EndpointStatus"] == "InService"
    Endpoint.objects.update(status=Status.CREATING, status_since=now() - endpoints.FIRST_POLL)
    assert hosting.describe_endpoint(EndpointName="endpoint")["EndpointStatus"] == "Creating"


def test_few_describes_wait_so_that_many_leave_threads_for_others(hosting, trusting, monkeypatch):
    monkeypatch.setattr(endpoints, "MAX_WAIT", timedelta(seconds=60))
    monkeypatch.setattr(endpoints, "FIRST_POLL", timedelta(seconds=30))
    hosting.create_endpoint(**asks.endpoint())
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(hosting.describe_endpoint, EndpointName="endpoint") for _ in range(8)]
        wait_for(lambda: sum(a.done() for a in answers) >= 6, "6 of 8 to be answered")
        answered, waiting = wait(answers, timeout=0)
        assert {a.result()["EndpointStatus"] for a in answered} == {"Creating"}
        deploy()
        assert (len(answered), {a.result(LIMIT)["EndpointStatus"] for a in waiting}) == (6, {"InService"})


def test_one_endpoint_a_name(serving):
    with refused("ValidationException", f'Cannot create already existing endpoint "{ARN}endpoint/endpoint".'):
        serving.create_endpoint(**asks.endpoint())


def test_sixteen_at_once_make_one_endpoint(hosting):
    def make(_):
        try:
            hosting.create_endpoint(**asks.endpoint("race"))
        except ClientError as e:
            return e.response["Error"]["Message"]
        return ""

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(make, range(16)))
    assert sorted(outcomes)[1:] == [f'Cannot create already existing endpoint "{ARN}endpoint/race".'] * 15
    assert Endpoint.objects.count() == 1


def test_an_endpoint_that_is_not_there(hosting):
    text = f'Could not find endpoint "{ARN}endpoint/none".'
    weights = [{"VariantName": "AllTraffic", "DesiredWeight": 1}]
    for call in (
        lambda: hosting.describe_endpoint(EndpointName="none"),
        lambda: hosting.delete_endpoint(EndpointName="none"),
        lambda: hosting.update_endpoint(EndpointName="none", EndpointConfigName="config"),
        lambda: hosting.update_endpoint_weights_and_capacities(
            EndpointName="none", DesiredWeightsAndCapacities=weights
        ),
    ):
        with refused("ValidationException", text):
            call()


def test_an_endpoint_needs_its_configuration(hosting):
    with refused("ValidationException", f'Could not find endpoint configuration "{ARN}endpoint-config/none".'):
        hosting.create_endpoint(**asks.endpoint(config="none"))
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize("status", [Status.CREATING, Status.UPDATING, Status.ROLLING_BACK, Status.DELETING])
def test_an_endpoint_in_the_middle_of_a_change_is_left_alone(serving, status):
    Endpoint.objects.update(status=status)
    weights = [{"VariantName": "AllTraffic", "DesiredWeight": 1}]
    ask = {"EndpointName": "endpoint"}
    for call in (
        lambda: serving.delete_endpoint(**ask),
        lambda: serving.update_endpoint(**ask, EndpointConfigName="other"),
        lambda: serving.update_endpoint_weights_and_capacities(**ask, DesiredWeightsAndCapacities=weights),
    ):
        with refused("ValidationException", f'Cannot update in-progress endpoint "{ARN}endpoint/endpoint".'):
            call()


def test_a_broken_model_fails_its_endpoint_soon_and_it_can_only_be_deleted(broken):
    broken.create_endpoint(**asks.endpoint(config="broken"))
    began = time.monotonic()
    deploy()
    assert time.monotonic() - began < STEP  # less than a check may take
    endpoint = broken.describe_endpoint(EndpointName="endpoint")
    assert endpoint["EndpointStatus"] == "Failed"
    assert endpoint["FailureReason"].startswith(
        "The primary container for production variant AllTraffic did not pass the ping health check. Please check "
        "CloudWatch logs for this endpoint. "
    )
    assert LogEvent.objects.get().message == endpoint["FailureReason"]
    with refused("ValidationException") as caught:
        broken.update_endpoint(EndpointName="endpoint", EndpointConfigName="config")
    assert "in status Failed" in caught.message
    broken.delete_endpoint(EndpointName="endpoint")
    deploy_task(Endpoint.objects.get().pk)
    assert not Endpoint.objects.exists()


def test_model_data_that_went_away_fails_the_endpoint(hosting, object_store):
    object_store.delete_object(Bucket=BUCKET, Key="in/model.tar.gz")
    hosting.create_endpoint(**asks.endpoint())
    deploy()
    reason = hosting.describe_endpoint(EndpointName="endpoint")["FailureReason"]
    assert reason.startswith(f"Failed to download model data for variant AllTraffic from URL: s3://{BUCKET}/in/model")
    object_store.put_object(Bucket=BUCKET, Key="in/model.tar.gz", Body=b"put back")


def test_the_first_describe_after_a_delete_waits_until_the_endpoint_is_gone(serving, monkeypatch):
    monkeypatch.setattr(endpoints, "MAX_WAIT", timedelta(seconds=60))
    monkeypatch.setattr(endpoints, "FIRST_POLL", timedelta(seconds=30))
    serving.delete_endpoint(EndpointName="endpoint")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(serving.describe_endpoint, EndpointName="endpoint")
        time.sleep(0.3)
        assert not answer.done()
        deploy_task(Endpoint.objects.get().pk)
        with refused("ValidationException", f'Could not find endpoint "{ARN}endpoint/endpoint".'):
            answer.result(LIMIT)


def test_a_deleted_endpoint_is_deleting_and_then_gone_with_its_tags(hosting, trusting, monkeypatch):
    monkeypatch.setattr(endpoints, "FIRST_POLL", timedelta(0))
    arn = hosting.create_endpoint(**asks.endpoint(Tags=[{"Key": "a", "Value": "b"}]))["EndpointArn"]
    deploy()
    hosting.delete_endpoint(EndpointName="endpoint")
    assert hosting.describe_endpoint(EndpointName="endpoint")["EndpointStatus"] == "Deleting"
    deploy_task(Endpoint.objects.get().pk)
    with refused("ValidationException", f'Could not find endpoint "{arn}".'):
        hosting.describe_endpoint(EndpointName="endpoint")
    assert not Tag.objects.exists()


def test_an_endpoint_outlives_its_configuration_and_model(hosting, trusting):
    hosting.create_endpoint(**asks.endpoint())
    hosting.delete_endpoint_config(EndpointConfigName="config")
    hosting.delete_model(ModelName="model")
    assert deploy().status == Status.IN_SERVICE
