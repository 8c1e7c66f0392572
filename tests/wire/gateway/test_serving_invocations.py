"""Invocations with boto3's runtime client against a real gateway, a real store and a real model."""

import itertools
import json
import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from engine.serving.routes import CACHE_SECONDS
from tests.unit.algorithms import hostile
from tests.waiting import LIMIT, wait_for
from tests.wire.gateway import models
from tests.wire.gateway.conftest import REGION
from tests.wire.gateway.raw import send, sign

AT_ONCE = CACHE_SECONDS - 1  # seconds; without a nudge the gateway notices later
names = (f"endpoint-{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def runtime(world):
    client = world.client("sagemaker-runtime", config=Config(max_pool_connections=20))
    yield client
    client.close()


@pytest.fixture(scope="module")
def artifact(s3, bucket):
    def put(key="jobs/a/output/model.tar.gz", body=None):
        s3.put_object(Bucket=bucket, Key=key, Body=body if body is not None else models.packed())
        return f"s3://{bucket}/{key}"

    return put


@pytest.fixture(scope="module")
def endpoint(world, artifact):
    """Makes an endpoint row: `weights` by variant name, or a single AllTraffic."""

    def make(weights=None, url="", status="InService", environment=None, image=models.IMAGE, name=""):
        name = name or next(names)
        variants = [
            {
                "VariantName": variant,
                "ModelName": variant,
                "Image": image,
                "ModelDataUrl": url or artifact(),
                "Environment": environment or {},
                "CurrentWeight": weight,
            }
            for variant, weight in (weights or {"AllTraffic": 1.0}).items()
        ]
        world.run(
            "Endpoint.objects.create(region=region, name=name, status=status, config_name=name, variants=variants)",
            region=REGION,
            name=name,
            status=status,
            variants=variants,
        )
        return name

    return make


@pytest.fixture(scope="module")
def answering(endpoint):
    return endpoint()


def answer_of(runtime, endpoint, **more) -> dict:
    """The answer to one row, its body read."""
    body = models.csv(models.table()[0][:1])
    answer = runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=body, **more)
    return answer | {"Body": answer["Body"].read()}


def refused(call, **named):
    with pytest.raises(ClientError) as caught:
        call(**named)
    return caught.value.response


def is_gone(runtime, endpoint: str) -> bool:
    try:
        answer_of(runtime, endpoint)
    except ClientError as e:
        return "not found" in e.response["Error"]["Message"]
    return False


def test_every_row_is_answered_as_the_library_answers_it(runtime, answering):
    rows, _ = models.table()
    expected = models.predicted(rows)
    for start in range(0, len(rows), 100):
        some = rows[start : start + 100]
        answer = runtime.invoke_endpoint(EndpointName=answering, ContentType="text/csv", Body=models.csv(some))
        got = np.array(answer["Body"].read().split(), float)
        assert np.abs(got - expected[start : start + 100]).max() < 1e-6
    assert answer["ContentType"].startswith("text/csv")
    assert answer["InvokedProductionVariant"] == "AllTraffic"


def test_json_out_and_what_is_sent_along_comes_back(runtime, answering):
    rows, _ = models.table()
    answer = runtime.invoke_endpoint(
        EndpointName=answering,
        ContentType="text/csv",
        Accept="application/json",
        Body=models.csv(rows[:2]),
        CustomAttributes="trace=1",
        InferenceId="mine",
    )
    scores = [p["score"] for p in json.loads(answer["Body"].read())["predictions"]]
    assert np.abs(np.array(scores) - models.predicted(rows[:2])).max() < 1e-6
    assert answer["CustomAttributes"] == "trace=1"
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-sagemaker-inference-id"] == "mine"


def test_requests_at_the_same_time_each_get_their_own_answer(runtime, answering):
    rows, _ = models.table()
    expected = models.predicted(rows)

    def one(n):
        some = rows[n : n + 1 + n % 3]
        body = runtime.invoke_endpoint(EndpointName=answering, ContentType="text/csv", Body=models.csv(some))["Body"]
        return np.abs(np.array(body.read().split(), float) - expected[n : n + 1 + n % 3]).max()

    with ThreadPoolExecutor(16) as pool:
        assert max(pool.map(one, range(300))) < 1e-6


def test_a_large_body_is_answered(runtime, answering):
    rows, _ = models.table()
    many = np.tile(rows, (15, 1))
    body = models.csv(many)
    assert 2_000_000 < len(body) < 6_000_000
    answer = runtime.invoke_endpoint(EndpointName=answering, ContentType="text/csv", Body=body)
    assert np.abs(np.array(answer["Body"].read().split(), float) - models.predicted(many)).max() < 1e-6


def test_seven_megabytes_are_refused_with_a_clear_message(world, runtime, answering):
    response = refused(runtime.invoke_endpoint, EndpointName=answering, ContentType="text/csv", Body=b"1," * 3_670_016)
    assert response["Error"]["Code"] == "ValidationError"
    assert "less than or equal to 6291456" in response["Error"]["Message"]
    path, body = f"/endpoints/{answering}/invocations", b"1" * 7_340_032
    headers = sign(world, "POST", path, body, service="sagemaker")
    blocks = (body[i : i + 65536] for i in range(0, len(body), 65536))
    del headers["content-length"]
    answer = send(world, "POST", path, headers, chunks=blocks)
    assert (answer.status, "6291456" in answer.text) == (400, True)


def test_an_unknown_endpoint_is_answered_byte_for_byte_as_aws_does(world, runtime):
    response = refused(runtime.invoke_endpoint, EndpointName="nobody", Body=b"1")
    assert response["Error"]["Code"] == "ValidationError"
    assert response["Error"]["Message"] == "Endpoint nobody of account 123456789012 not found."
    path = "/endpoints/nobody/invocations"
    answer = send(world, "POST", path, sign(world, "POST", path, b"1", service="sagemaker"), b"1")
    assert answer.text == (
        '{"ErrorCode":"NO_SUCH_ENDPOINT","Message":"Endpoint nobody of account 123456789012 not found."}'
    )
    coral = "ValidationError:http://internal.amazon.com/coral/com.amazon.sagemaker/"
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, coral)


@pytest.mark.parametrize("status", ["Creating", "Failed", "Deleting"])
def test_an_endpoint_that_is_not_in_service_says_so(runtime, endpoint, status):
    response = refused(runtime.invoke_endpoint, EndpointName=endpoint(status=status), Body=b"1")
    assert response["Error"]["Code"] == "ValidationError"
    assert f"is {status}, not InService" in response["Error"]["Message"]


def test_an_endpoint_being_updated_goes_on_answering(runtime, endpoint):
    assert answer_of(runtime, endpoint(status="Updating"))["Body"]


@pytest.mark.parametrize(
    ("content_type", "accept", "body", "status", "text"),
    [
        ("text/csv", "text/csv", b"a,b,c", 415, "Loading csv data failed with Exception"),
        ("text/csv", "text/csv", b"1,2,3", 400, "feature size"),
        ("image/png", "text/csv", b"1", 415, "image/png"),
        ("text/csv", "image/png", b",".join([b"1"] * 30), 406, "image/png"),
    ],
)
def test_what_the_model_refuses_is_a_model_error_with_its_own_words(
    world, runtime, answering, content_type, accept, body, status, text
):
    response = refused(
        runtime.invoke_endpoint, EndpointName=answering, ContentType=content_type, Accept=accept, Body=body
    )
    assert response["Error"]["Code"] == "ModelError"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == status
    assert text in response["OriginalMessage"]
    group = f"/aws/sagemaker/Endpoints/{answering}"
    assert response["LogStreamArn"] == f"arn:aws:logs:{REGION}:123456789012:log-group:{group}"
    assert response["Error"]["Message"].startswith(f"Received client error ({status}) from primary with message ")


def test_an_empty_body_is_answered_204(world, answering):
    path = f"/endpoints/{answering}/invocations"
    answer = send(world, "POST", path, sign(world, "POST", path, service="sagemaker"))
    assert (answer.status, answer.body) == (204, b"")


def test_traffic_is_shared_as_the_weights_say(runtime, endpoint):
    name = endpoint({"a": 3.0, "b": 1.0, "none": 0.0})

    def one(_):
        return answer_of(runtime, name)["InvokedProductionVariant"]

    with ThreadPoolExecutor(8) as pool:
        observed = Counter(pool.map(one, range(400)))
    assert set(observed) == {"a", "b"}
    assert 250 < observed["a"] < 350


def test_a_target_variant_is_obeyed_and_must_exist(runtime, endpoint):
    name = endpoint({"a": 1.0, "b": 0.0})
    assert answer_of(runtime, name, TargetVariant="b")["InvokedProductionVariant"] == "b"
    response = refused(runtime.invoke_endpoint, EndpointName=name, Body=b"1", TargetVariant="c")
    assert response["Error"]["Code"] == "ValidationError"
    assert "Variant c was not found" in response["Error"]["Message"]


def test_what_is_not_served_is_named(runtime, answering):
    response = refused(runtime.invoke_endpoint_async, EndpointName=answering, InputLocation="s3://b/k")
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == ("NotServed", 501)
    response = refused(runtime.invoke_endpoint, EndpointName=answering, TargetModel="m.tar.gz", Body=b"1")
    assert response["Error"]["Code"] == "ValidationError"


def test_the_models_own_default_accept_counts(runtime, endpoint):
    name = endpoint(environment={"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "application/json"})
    assert json.loads(answer_of(runtime, name)["Body"])["predictions"]


@pytest.mark.parametrize(
    "body",
    [b"not a tar", models.archive({"readme": b"x"}), models.archive({"../out": b"x"})],
    ids=["no archive", "no model", "a way out"],
)
def test_a_broken_artifact_is_a_model_error_that_says_why(runtime, endpoint, artifact, body):
    name = endpoint(url=artifact("broken/model.tar.gz", body))
    response = refused(runtime.invoke_endpoint, EndpointName=name, ContentType="text/csv", Body=b"1")
    assert (response["Error"]["Code"], response["OriginalStatusCode"]) == ("ModelError", 500)
    assert len(response["OriginalMessage"]) > 20


def test_a_missing_artifact_is_named(runtime, endpoint, bucket):
    name = endpoint(url=f"s3://{bucket}/nothing.tar.gz")
    response = refused(runtime.invoke_endpoint, EndpointName=name, Body=b"1")
    assert response["OriginalMessage"] == f"Could not find model data at s3://{bucket}/nothing.tar.gz."


def test_a_viewer_may_not_predict(world, answering):
    viewer = world.client("sagemaker-runtime", role="viewer")
    with pytest.raises(ClientError) as caught:
        answer_of(viewer, answering)
    error, status = caught.value.response["Error"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert (error["Code"], status) == ("AccessDeniedException", 403)
    assert f"sagemaker:InvokeEndpoint on resource: arn:aws:sagemaker:{REGION}:" in error["Message"]
    viewer.close()


def test_a_nudge_makes_a_change_seen_at_once(world, runtime, endpoint, artifact):
    name = endpoint()
    answer_of(runtime, name)
    other = models.booster(rounds=3, seed=7)
    url = artifact("jobs/b/output/model.tar.gz", models.packed(other))
    world.run(
        "e = Endpoint.objects.get(name=name); e.variants[0]['ModelDataUrl'] = url; e.config_name = 'new'; e.save();"
        "nudge(f'engine:endpoint:{e.region}:{e.name}')",
        name=name,
        url=url,
    )
    expected = models.predicted(models.table()[0][:1], other)[0]
    wait_for(lambda: abs(float(answer_of(runtime, name)["Body"]) - expected) < 1e-6, "the new model", within=AT_ONCE)
    world.run(
        "e = Endpoint.objects.get(name=name); e.delete(); nudge(f'engine:endpoint:{e.region}:{e.name}')", name=name
    )
    wait_for(lambda: is_gone(runtime, name), "the endpoint to be gone", within=AT_ONCE)


def test_without_a_nudge_a_change_is_seen_within_five_seconds(world, runtime, endpoint):
    name = endpoint()
    answer_of(runtime, name)
    world.run("Endpoint.objects.filter(name=name).delete()", name=name)
    began = time.monotonic()
    with pytest.raises(ClientError, match="not found"):
        while time.monotonic() - began < 6:
            answer_of(runtime, name)
            time.sleep(0.1)


def test_metrics_and_log_are_written(world, runtime, endpoint):
    name = endpoint()
    row = models.csv(models.table()[0][:1])
    for body in (row, row, row, b"nonsense"):
        try:
            runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=body)["Body"].read()
        except ClientError:
            continue
    figures = {}
    give_up = time.monotonic() + LIMIT
    while sum(row["count"] for row in figures.get("Invocations", [])) < 4:
        assert time.monotonic() < give_up
        time.sleep(0.2)
        rows = world.run("answer = list(MetricDatum.objects.filter(dimensions=d).values())",
                         d=f"EndpointName={name},VariantName=AllTraffic")  # fmt: skip
        figures = {metric: [r for r in rows if r["name"] == metric] for metric in {r["name"] for r in rows}}
    total = {metric: (sum(r["count"] for r in rows), sum(r["sum"] for r in rows)) for metric, rows in figures.items()}
    assert total["Invocations"] == (4, 4)
    assert total["Invocation4XXErrors"] == (4, 1)
    assert total["Invocation5XXErrors"] == (4, 0)
    assert 4 < total["ModelLatency"][1] < 4_000_000
    assert total["OverheadLatency"][1] > 0
    assert {r["namespace"] for r in figures["Invocations"]} == {"AWS/SageMaker"}
    lines = world.run("answer = list(LogEvent.objects.filter(group=g).values('stream', 'message'))",
                      g=f"/aws/sagemaker/Endpoints/{name}")  # fmt: skip
    assert lines[0]["stream"].startswith("AllTraffic/i-")
    assert lines[0]["message"].startswith("Loaded s3://")
    assert lines[1]["message"].startswith("[ERROR] 415 Loading csv data failed")


def test_models_that_crash_and_spin_fail_their_own_requests_only(world, runtime, answering, endpoint, artifact):
    crash, spin, broken = (
        endpoint(url=artifact(f"{name}.tar.gz", models.archive({"xgboost-model": content})))
        for name, content in (
            ("crash", hostile.crash()),
            ("spin", hostile.spin()),
            ("broken", hostile.crash(has_categories=False)),
        )
    )
    with ThreadPoolExecutor(1) as pool:
        invoke = {"ContentType": "text/csv"}
        before = runtime.invoke_endpoint(EndpointName=crash, Body=hostile.HARMLESS, **invoke)["Body"].read()
        runtime.invoke_endpoint(EndpointName=spin, Body=hostile.HARMLESS, **invoke)
        spinning = pool.submit(spinning_status, world, spin)
        failed = refused(runtime.invoke_endpoint, EndpointName=crash, Body=hostile.TRIGGER, **invoke)
        assert failed["Error"]["Code"] == "ModelError"
        assert failed["OriginalStatusCode"] == 500 and "signal 11 (SIGSEGV)" in failed["OriginalMessage"]
        failed = refused(runtime.invoke_endpoint, EndpointName=broken, Body=hostile.HARMLESS, **invoke)
        assert "splits on feature 2000000000, and the model has 3 features" in failed["OriginalMessage"]
        for _ in range(100):
            assert answer_of(runtime, answering)["Body"]
        again = runtime.invoke_endpoint(EndpointName=crash, Body=hostile.HARMLESS, **invoke)["Body"].read()
        assert again == before and not spinning.done()
        assert world.gateway.poll() is None
        for pid in children(world.gateway.pid):  # it would spin for the rest of its minute
            os.kill(pid, signal.SIGKILL)
        assert spinning.result(LIMIT) == 424


def spinning_status(world, name: str) -> int:
    """The status of an invocation that never ends, by a client of its own thread."""
    client = world.client("sagemaker-runtime")
    body = {"EndpointName": name, "Body": hostile.TRIGGER, "ContentType": "text/csv"}
    try:
        return refused(client.invoke_endpoint, **body)["ResponseMetadata"]["HTTPStatusCode"]
    finally:
        client.close()


def children(pid: int) -> list[int]:
    """The processes that `pid` has started."""
    results = [thread / "children" for thread in Path(f"/proc/{pid}/task").iterdir()]
    return [int(child) for file in results for child in file.read_text().split()]
