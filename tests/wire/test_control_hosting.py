"""Models, endpoint configurations and endpoints as boto3 sees them, carried out by the real hosting worker's code."""

import io
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import numpy
import pytest
from botocore.exceptions import ClientError
from celery import current_app
from django.core.cache import cache
from django.utils.timezone import now

from algorithms.library_imports import import_xgboost
from common.db import queue
from common.db.claim import ClaimLost
from common.db.nudge import CHANNEL
from common.db.redis_client import redis
from engine import store
from engine.hosting import trial
from engine.hosting.claims import DEPLOYMENT, fail
from engine.hosting.tasks import deploy as deploy_task
from engine.models import Endpoint, EndpointConfig, LogEvent, Model, Tag
from engine.services import endpoints
from engine.tasks import reconcile
from tests.waiting import LIMIT, wait_for
from tests.wire import asks
from tests.wire.conftest import BUCKET, IMAGE
from tests.wire.refusals import refused

ARN = "arn:aws:sagemaker:us-east-1:123456789012:"
Status = Endpoint.Status


def archive(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture(scope="session")
def good_model() -> bytes:
    xgboost = import_xgboost()
    x = numpy.random.default_rng(0).random((40, 3))
    booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(x, label=x[:, 0] > 0.5), 2)
    return archive("xgboost-model", bytes(booster.save_raw("ubj")))


@pytest.fixture
def hosting(sm, object_store, good_model):
    """A model, and the configurations config and other, all good."""
    object_store.put_object(Bucket=BUCKET, Key="in/model.tar.gz", Body=good_model)
    sm.create_model(**asks.model())
    for name in ("config", "other"):
        sm.create_endpoint_config(**asks.config(name))
    return sm


@pytest.fixture
def broken(hosting, object_store):
    """A configuration `broken`, whose model is an archive of nonsense."""
    object_store.put_object(Bucket=BUCKET, Key="in/bad.tar.gz", Body=archive("xgboost-model", b"nonsense"))
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/in/bad.tar.gz"}
    hosting.create_model(**asks.model("bad", PrimaryContainer=container))
    hosting.create_endpoint_config(**asks.config("broken", asks.variant(model="bad")))
    return hosting


def deploy() -> Endpoint:
    """Let the hosting worker do what waits for it."""
    deploy_task(Endpoint.objects.get().pk)
    return Endpoint.objects.get()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """DescribeEndpoint waits a moment for a new endpoint; the tests have no worker that would end the wait."""
    monkeypatch.setattr(endpoints, "MAX_WAIT", timedelta(0))


@pytest.fixture
def trusting(monkeypatch):
    """The trial of a model, which takes seconds, is left out: for tests of what comes before and after it."""
    monkeypatch.setattr(trial, "run", lambda endpoint, variant, algorithm: None)


@pytest.fixture
def serving(hosting):
    """An endpoint in service."""
    hosting.create_endpoint(**asks.endpoint())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "run", lambda endpoint, variant, algorithm: None)
        assert deploy().status == Status.IN_SERVICE
    return hosting


# Models


def test_a_model_is_described_as_it_was_made(sm):
    arn = sm.create_model(**asks.model("My-Model"))["ModelArn"]
    assert arn == ARN + "model/my-model"
    model = sm.describe_model(ModelName="My-Model")
    assert model["PrimaryContainer"] == {"Mode": "SingleModel"} | asks.model()["PrimaryContainer"]
    assert model["ExecutionRoleArn"] == asks.model()["ExecutionRoleArn"]
    assert model["EnableNetworkIsolation"] is False
    assert "VpcConfig" not in model
    assert [m["ModelName"] for m in sm.list_models()["Models"]] == ["My-Model"]
    sm.delete_model(ModelName="My-Model")
    assert sm.list_models()["Models"] == []


def test_one_model_a_name(sm):
    sm.create_model(**asks.model())
    with refused("ValidationException", f'Cannot create already existing model "{ARN}model/model".'):
        sm.create_model(**asks.model())


def test_model_data_must_be_there(sm):
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/in/none.tar.gz"}
    with refused("ValidationException", f"Could not find model data at s3://{BUCKET}/in/none.tar.gz."):
        sm.create_model(**asks.model(PrimaryContainer=container))
    for nowhere in (
        "s3://no-such-bucket/m.tar.gz",
        "s3://Not a Bucket!/m",
        f"s3://{BUCKET}",
        f"s3://{BUCKET}/{'k' * 990}",
        "s3://arn:aws:s3:us-east-1:123456789012:accesspoint:elsewhere/m.tar.gz",
        "s3://arn:aws:s3::123456789012:accesspoint:everywhere.mrap/m.tar.gz",
        "s3://directory--use1-az4--x-s3/m.tar.gz",
    ):
        with refused("ValidationException", f"Could not find model data at {nowhere}."):
            sm.create_model(**asks.model(PrimaryContainer={"Image": IMAGE, "ModelDataUrl": nowhere}))
    assert not Model.objects.exists()


def test_deleting_what_another_has_deleted_leaves_the_tags_of_its_successor(sm):
    sm.create_model(**asks.model())
    seen_before = Model.objects.get()
    sm.delete_model(ModelName="model")
    sm.create_model(**asks.model(Tags=[{"Key": "of", "Value": "the second"}]))
    seen_before.delete()
    assert sm.list_tags(ResourceArn=f"{ARN}model/model")["Tags"] == [{"Key": "of", "Value": "the second"}]


@pytest.mark.parametrize("operation", ["describe_model", "delete_model"])
def test_a_model_that_is_not_there(sm, operation):
    with refused("ValidationException", f'Could not find model "{ARN}model/none".'):
        getattr(sm, operation)(ModelName="none")


DATA = {"ModelDataUrl": f"s3://{BUCKET}/in/model.tar.gz"}
UNSERVED_MODELS = {
    "none": ({"PrimaryContainer": None}, "PrimaryContainer is required"),
    "image": ({"PrimaryContainer": {"Image": "1.dkr/other:1", **DATA}}, "no algorithm for the image"),
    "package": ({"PrimaryContainer": {"ModelPackageName": "p"}}, "model packages"),
    "many": ({"PrimaryContainer": {"Image": IMAGE, "Mode": "MultiModel", **DATA}}, "multi-model"),
    "no data": ({"PrimaryContainer": {"Image": IMAGE}}, "ModelDataUrl is required"),
    "pipeline": ({"PrimaryContainer": None, "Containers": [{"Image": IMAGE, **DATA}] * 2}, "inference pipelines"),
    "role": ({"ExecutionRoleArn": "arn:aws:iam::999999999999:role/R"}, "Could not assume role"),
}


def test_a_tag_that_aws_does_not_have_is_not_found(sm):
    container = asks.model()["PrimaryContainer"]
    for repository in ("sagemaker-xgboost", "linear-learner"):
        image = f"683313688378.dkr.ecr.us-east-1.amazonaws.com/{repository}:9.9-1"
        with refused("ValidationException") as caught:
            sm.create_model(**asks.model(PrimaryContainer=container | {"Image": image}))
        assert caught.message.startswith(f"Requested image {image} not found.")
    newest = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
    sm.create_model(**asks.model(PrimaryContainer=container | {"Image": newest}))


@pytest.mark.parametrize("changes,text", UNSERVED_MODELS.values(), ids=UNSERVED_MODELS)
def test_models_we_cannot_host(sm, changes, text):
    ask = {name: value for name, value in asks.model(**changes).items() if value is not None}
    with refused("ValidationException") as caught:
        sm.create_model(**ask)
    assert text in caught.message
    assert not Model.objects.exists()


def test_model_data_as_a_data_source(sm):
    source = {"S3Uri": DATA["ModelDataUrl"], "S3DataType": "S3Object", "CompressionType": "Gzip"}
    sm.create_model(**asks.model(PrimaryContainer={"Image": IMAGE, "ModelDataSource": {"S3DataSource": source}}))
    source["S3DataType"] = "S3Prefix"
    with refused("ValidationException") as caught:
        container = {"Image": IMAGE, "ModelDataSource": {"S3DataSource": source}}
        sm.create_model(**asks.model("other", PrimaryContainer=container))
    assert "S3Object with CompressionType Gzip" in caught.message


# Endpoint configurations


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
    }
    for ask, text in (
        (asks.config("new", *twice), "Variant names must be unique"),
        (asks.config("new", asks.variant(weight=0)), "a weight above 0"),
        (asks.config("new", sizeless), "give InstanceType and InitialInstanceCount"),
        (asks.config("new", DataCaptureConfig=capture), "does not capture data"),
        (asks.config("new", ShadowProductionVariants=[asks.variant("s")]), "shadow variants"),
        (asks.config("new", serverless(MemorySizeInMB=1500)), "MemorySizeInMB is 1500; it must be one of 1024, 2048"),
        (asks.config("new", serverless(ProvisionedConcurrency=6)), "at most MaxConcurrency, 5"),
        (asks.config("new", serverless() | {"InitialInstanceCount": 1}), "takes the place of InstanceType"),
    ):
        with refused("ValidationException") as caught:
            hosting.create_endpoint_config(**ask)
        assert text in caught.message


# Endpoints


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
        asked = pool.submit(hosting.describe_endpoint, EndpointName="endpoint")
        time.sleep(0.3)
        deploy()
        assert asked.result(LIMIT)["EndpointStatus"] == "InService"
    Endpoint.objects.update(status=Status.CREATING, status_since=now() - endpoints.FIRST_POLL)
    assert hosting.describe_endpoint(EndpointName="endpoint")["EndpointStatus"] == "Creating"


def test_few_describes_wait_so_that_many_leave_threads_for_others(hosting, trusting, monkeypatch):
    monkeypatch.setattr(endpoints, "MAX_WAIT", timedelta(seconds=60))
    monkeypatch.setattr(endpoints, "FIRST_POLL", timedelta(seconds=30))
    hosting.create_endpoint(**asks.endpoint())
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(hosting.describe_endpoint, EndpointName="endpoint") for _ in range(8)]
        wait_for(lambda: sum(a.done() for a in asked) >= 6, "6 of 8 to be answered")
        answered, waiting = wait(asked, timeout=0)
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


def test_a_broken_model_fails_its_endpoint_within_ten_seconds_and_it_can_only_be_deleted(broken):
    broken.create_endpoint(**asks.endpoint(config="broken"))
    began = time.monotonic()
    deploy()
    assert time.monotonic() - began < 10
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
        asked = pool.submit(serving.describe_endpoint, EndpointName="endpoint")
        time.sleep(0.3)
        assert not asked.done()
        deploy_task(Endpoint.objects.get().pk)
        with refused("ValidationException", f'Could not find endpoint "{ARN}endpoint/endpoint".'):
            asked.result(LIMIT)


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


# Updates


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


# Workers that die, and messages that are lost


def test_gateways_are_told_when_the_route_changes(hosting, trusting):
    hosting.create_endpoint(**asks.endpoint())
    listener = redis().pubsub(ignore_subscribe_messages=True)
    listener.subscribe(CHANNEL)
    listener.get_message(timeout=1)
    deploy()
    told = [m["data"].decode() for m in iter(lambda: listener.get_message(timeout=1), None)]
    assert "engine:endpoint:us-east-1:endpoint" in told
    listener.close()


def test_a_claimed_endpoint_is_left_to_its_worker_until_it_falls_silent(hosting, trusting, settings):
    hosting.create_endpoint(**asks.endpoint())
    claim = DEPLOYMENT.take(Endpoint.objects.get().pk)
    assert deploy().status == Status.CREATING
    Endpoint.objects.update(heartbeat=now() - timedelta(seconds=settings.CLAIM_LEASE + 1))
    assert deploy().status == Status.IN_SERVICE
    with pytest.raises(ClaimLost):
        fail(claim, "the first worker came back")
    assert Endpoint.objects.get().status == Status.IN_SERVICE


def test_a_roll_back_that_was_cut_short_is_finished(serving):
    Endpoint.objects.update(status=Status.ROLLING_BACK, worker="gone", heartbeat=now() - timedelta(minutes=1))
    assert deploy().status == Status.IN_SERVICE


def test_a_model_that_keeps_killing_its_worker_is_given_up(hosting):
    hosting.create_endpoint(**asks.endpoint())
    died = now() - timedelta(minutes=1)
    Endpoint.objects.update(attempt=DEPLOYMENT.max_attempts, worker="gone", heartbeat=died)
    endpoint = deploy()
    assert (endpoint.status, endpoint.worker) == (Status.FAILED, "")
    assert "in 5 attempts" in endpoint.failure_reason


def test_a_store_that_is_away_is_tried_again(hosting, monkeypatch):
    """In seconds, as long as it takes: an absence is no attempt."""
    hosting.create_endpoint(**asks.endpoint())
    sent = []
    monkeypatch.setattr(type(DEPLOYMENT), "send", lambda self, pk, delay=0.0: sent.append(delay))

    def away(url):
        raise store.StoreUnavailable(error="no store")

    with monkeypatch.context() as patch:
        patch.setattr(trial, "fetch", away)
        for _ in range(DEPLOYMENT.max_attempts + 1):
            endpoint = deploy()
            assert (endpoint.status, endpoint.worker, endpoint.attempt) == (Status.CREATING, "", 0)
    assert sent == [2.0] * (DEPLOYMENT.max_attempts + 1)
    assert deploy().status == Status.IN_SERVICE


def test_reconcile_finds_what_waits(hosting, monkeypatch):
    nudged = []
    cache.clear()
    monkeypatch.setattr(type(DEPLOYMENT), "send", lambda self, pk, delay=0.0: nudged.append(pk) or True)
    monkeypatch.setattr(queue, "message_count", lambda name: 0)
    hosting.create_endpoint(**asks.endpoint())
    pk = Endpoint.objects.get().pk
    nudged.clear()
    reconcile()
    assert nudged == [], "its own message is on the way"
    Endpoint.objects.update(status_since=now() - timedelta(seconds=5))
    reconcile()
    Endpoint.objects.update(worker="someone", heartbeat=now())
    reconcile()
    assert nudged == [pk]
    Endpoint.objects.update(heartbeat=now() - timedelta(seconds=20))
    reconcile()
    Endpoint.objects.update(status=Status.DELETING, worker="", heartbeat=None)
    reconcile()
    assert nudged == [pk] * 3


def test_a_broker_that_is_away_does_not_stop_a_create(hosting, monkeypatch):
    def away(*_, **__):
        raise ConnectionError("no broker")

    monkeypatch.setattr(current_app._get_current_object(), "send_task", away)
    hosting.create_endpoint(**asks.endpoint())
    assert Endpoint.objects.get().status == Status.CREATING
