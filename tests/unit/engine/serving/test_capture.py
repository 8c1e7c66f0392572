"""Data capture: the share that is kept, the bound of what waits, and SageMaker's own format."""

import asyncio
import base64
import json
import time
from types import SimpleNamespace

import pytest

from algorithms import ALGORITHMS
from engine.serving import background, capture, invoke, telemetry
from engine.serving.capture import CaptureSettings
from engine.serving.routes import Route, Variant
from tables.masking import Mask

CONFIG = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://bucket/captured/",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
}


SOURCE = capture.Source("us-east-1", "churn", "AllTraffic")


def offer(settings: CaptureSettings, body: bytes = b"1,2", content_type: str = "text/csv") -> None:
    headers = {"content-type": content_type, "x-amzn-sagemaker-inference-id": "order-7"}
    capture.offer(settings, SOURCE, headers, body, b"0.5", "text/csv; charset=utf-8")


@pytest.fixture
def objects(monkeypatch) -> dict[str, list[dict]]:
    """{key: records} of what is written."""
    capture.drain()
    written: dict[str, list[dict]] = {}

    class Store:
        def put_object(self, Bucket, Key, Body):  # noqa: N803  boto3's names
            assert Bucket == "bucket"
            written[Key] = [json.loads(line) for line in Body.decode().splitlines()]

    monkeypatch.setattr("engine.store.client", Store)
    return written


def test_a_captured_request_is_a_line_as_sagemaker_writes_it(objects):
    offer(CaptureSettings.of_config(CONFIG))
    captured, dropped = capture.drain()
    assert capture.write(captured) == {} and dropped == {}
    ((key, (line,)),) = objects.items()
    prefix, endpoint, variant, year, _month, _day, hour, name = key.split("/")
    assert (prefix, endpoint, variant) == ("captured", "churn", "AllTraffic") and int(year) > 2020 and int(hour) < 24
    assert name.endswith(".jsonl") and line["eventVersion"] == "0"
    assert line["captureData"] == {
        "endpointInput": {"observedContentType": "text/csv", "mode": "INPUT", "data": "1,2", "encoding": "CSV"},
        "endpointOutput": {
            "observedContentType": "text/csv; charset=utf-8", "mode": "OUTPUT", "data": "0.5", "encoding": "CSV"
        },
    }  # fmt: skip
    assert set(line["eventMetadata"]) == {"eventId", "inferenceTime", "inferenceId"}


def test_masked_columns_are_not_written_in_whatever_encoding(objects):
    schema = {"columns": [{"name": name, "role": "feature"} for name in ("age", "city")], "features": []}
    mask = {"Mask": Mask.of_schema(schema, ["city"]).encode()}
    offer(CaptureSettings.of_config(CONFIG | mask), b"30,rome")
    offer(CaptureSettings.of_config(CONFIG | mask), b"rome", "application/x-npy")
    capture.write(capture.drain()[0])
    ((rows, other),) = objects.values()
    assert rows["captureData"]["endpointInput"]["data"] == "30,***"
    assert rows["captureData"]["endpointOutput"]["data"] == "0.5"
    assert base64.b64decode(other["captureData"]["endpointInput"]["data"]) == b"***"


@pytest.mark.parametrize(
    ("image", "is_masked", "stored"), [("own", True, "***"), ("own", False, "rome,1"), ("built in", True, "rome,1")]
)
def test_what_own_code_answers_is_masked_as_a_whole_with_any_column(objects, monkeypatch, image, is_masked, stored):
    schema = {"columns": [{"name": "city", "role": "feature"}], "features": []}
    mask = {"Mask": Mask.of_schema(schema, ["city"]).encode()} if is_masked else {}
    uri = ALGORITHMS["xgboost"].image_uri("us-east-1") if image == "built in" else "1.dkr.ecr/sagemaker-scikit-learn:1"
    variant = Variant(7, "config", "AllTraffic", "s3://bucket/model.tar.gz", uri, ())
    capturing = CaptureSettings.of_config(CONFIG | mask)

    async def route(region: str, name: str) -> Route:
        return Route(region, name, "InService", {"AllTraffic": variant}, (1.0,), 0.0, capturing)

    async def answer(*_) -> tuple[bytes, str]:
        return b"rome,1", "text/csv"

    monkeypatch.setattr(invoke.routes, "find", route)
    models = SimpleNamespace(get=lambda _variant: SimpleNamespace(answer=answer))
    caller = SimpleNamespace(region="us-east-1", key=SimpleNamespace(access_key_id="key"))
    headers = {"content-type": "text/csv"}
    response = asyncio.run(invoke.invoke(models, caller, "churn", headers, b"rome", time.perf_counter()))
    telemetry.drain()
    capture.write(capture.drain()[0])
    ((line,),) = objects.values()
    assert response.body == b"rome,1"
    assert line["captureData"]["endpointOutput"]["data"] == stored


def test_what_is_captured_at_once_is_cut_into_objects_that_can_be_read(objects, monkeypatch):
    monkeypatch.setattr(capture, "MAX_OBJECT", 700)
    for _ in range(5):
        offer(CaptureSettings.of_config(CONFIG))
    capture.write(capture.drain()[0])
    assert sorted(len(lines) for lines in objects.values()) == [1, 2, 2]


@pytest.mark.parametrize("body", [b"\xff\xfe", b"1"], ids=["no text", "content type not named"])
def test_what_is_not_named_or_no_text_is_base64(objects, body):
    settings = CaptureSettings.of_config(CONFIG | {"CaptureOptions": [{"CaptureMode": "Input"}]})
    offer(settings, body, "text/csv" if len(body) > 1 else "application/x-npy")
    capture.write(capture.drain()[0])
    ((line,),) = objects.values()
    assert list(line["captureData"]) == ["endpointInput"]
    assert line["captureData"]["endpointInput"]["encoding"] == "BASE64"


def test_what_does_not_fit_is_dropped_and_counted_and_what_fails_too(objects, monkeypatch):
    settings = CaptureSettings.of_config(CONFIG)
    monkeypatch.setattr(capture, "MAX_BYTES", 20)
    for _ in range(5):
        offer(settings)
    captured, dropped = capture.drain()
    assert len(captured) == 3 and dropped == {(SOURCE, capture.OVERFLOW): 2}

    def away():
        raise capture.BotoCoreError

    monkeypatch.setattr("engine.store.client", away)
    assert capture.write(captured) == {(SOURCE, "s3://bucket cannot be written now"): 3}


def test_the_log_of_the_endpoint_says_what_was_not_captured(objects, monkeypatch):
    monkeypatch.setattr(capture, "MAX_BYTES", 20)
    for _ in range(5):
        offer(CaptureSettings.of_config(CONFIG))

    def refused():
        raise capture.ClientError({"Error": {"Code": "NoSuchBucket"}}, "PutObject")

    async def route(region: str, name: str) -> Route:
        variant = Variant(7, "config", "AllTraffic", "s3://bucket/model.tar.gz", "image", ())
        return Route(region, name, "InService", {"AllTraffic": variant}, (1.0,), 0.0)

    monkeypatch.setattr("engine.store.client", refused)
    monkeypatch.setattr(background.routes, "find", route)
    asyncio.run(background._capture_once())
    lines = telemetry.drain()[1]
    assert [(line.group, line.message) for line in lines] == [
        (
            "/aws/sagemaker/Endpoints/churn",
            f"[WARNING] Requests that were not captured: {count}, because {why}.",
        )
        for count, why in ((2, capture.OVERFLOW), (3, "s3://bucket cannot be written now (NoSuchBucket)"))
    ]


def test_the_sample_is_the_share_asked_for_and_an_absent_or_idle_config_captures_nothing(objects, monkeypatch):
    chances = iter([0.04, 0.06, 0.5])
    monkeypatch.setattr(capture.random, "random", lambda: next(chances))
    for _ in range(3):
        offer(CaptureSettings.of_config(CONFIG | {"InitialSamplingPercentage": 5}))
    assert len(capture.drain()[0]) == 1
    assert CaptureSettings.of_config(None) is None
    assert CaptureSettings.of_config(CONFIG | {"EnableCapture": False}) is None
