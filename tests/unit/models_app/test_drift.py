"""Drift of an endpoint: captured requests as rows of the table, and what is said when a column changed."""

import json
import random

import pytest
from django.utils.timezone import now

from models_app.aws import s3
from models_app.endpoints import captured as captured_module
from models_app.endpoints import drift
from models_app.endpoints.capture import capture_of
from models_app.endpoints.captured import CapturedRequest, _request, rows_of
from models_app.models import Endpoint, Model

SCHEMA = {
    "columns": [
        {"name": "age", "role": "feature", "kind": "number", "encoding": "number", "features": ["age"]},
        {"name": "plan", "role": "feature", "kind": "text", "encoding": "one-hot", "features": ["plan=a", "plan=b"]},
        {"name": "churned", "role": "target", "kind": "text"},
    ],
    "features": ["age", "plan=a", "plan=b"],
    "summaries": {
        "age": {"rows": 1000, "missing": 0, "min": 20, "max": 70, "hist": [200] * 5},
        "plan": {"rows": 1000, "missing": 0, "values": {"a": 500, "b": 500}},
    },
}


@pytest.mark.parametrize(
    ("content_type", "sent", "rows"),
    [
        ("application/json", '{"instances": [{"age": 30, "plan": "a"}]}', [{"age": "30", "plan": "a"}]),
        ("application/json", '{"instances": [{"features": [30.5, 1, 0]}]}', [{"age": 30.5, "": "0"}]),
        ("application/jsonlines", '{"age": null, "plan": "b"}', [{"age": "", "plan": "b"}]),
        ("text/csv; charset=utf-8", "plan,age\na,30\nb,31\n", [{"plan": "a", "age": "30"}, {"plan": "b", "age": "31"}]),
        ("text/csv", "30,a\n", [{"age": "30", "plan": "a"}]),
        ("text/csv", "30,1,0\n", [{"age": "30", "": "0"}]),
        ("text/csv", "***,a\n", [{"plan": "a"}]),
        ("application/json", '[{"age": "***", "plan": "b"}, "***"]', [{"plan": "b"}]),
        ("text/csv", "1,2,3,4\n", []),
        ("application/json", '[{"age": true, "plan": ["a"]}]', []),
        ("application/json", '{"instances": 5}', []),
        ("application/json", "{", []),
        ("application/x-npy", "30,a", []),
    ],
    ids=[
        "by name",
        "features",
        "lines",
        "header",
        "columns",
        "encoded",
        "masked",
        "masked by name",
        "width",
        "cell",
        "number",
        "no json",
        "other",
    ],
)
def test_a_captured_request_is_read_as_rows_of_the_table(content_type, sent, rows):
    assert rows_of(CapturedRequest(None, sent, content_type, ""), SCHEMA) == rows


def test_a_line_of_sagemaker_is_read_whatever_its_encoding_and_another_is_left_out():
    side = {"observedContentType": "text/csv", "mode": "INPUT", "data": "MSwy", "encoding": "BASE64"}
    metadata = {"eventId": "e", "inferenceTime": "2026-05-04T12:00:00Z"}
    line = json.dumps({"captureData": {"endpointInput": side}, "eventMetadata": metadata, "eventVersion": "0"})
    request = _request(line)
    assert request and request.at
    assert (request.sent, request.sent_type, request.answer, request.at.hour) == ("1,2", "text/csv", "", 12)
    assert _request("{}") is None and _request("no json") is None


def test_the_newest_requests_come_first_whatever_the_names_of_variants_and_objects(endpoint, monkeypatch):
    endpoint.described["ProductionVariants"] = [{"VariantName": "b"}, {"VariantName": "a"}]
    endpoint.described["DataCaptureConfig"]["DestinationS3Uri"] = "s3://bucket"
    stored = {}
    for number, (variant, hour, file) in enumerate([("b", "01", "x"), ("a", "03", "churn"), ("a", "02", "churn-9")]):
        side = {"observedContentType": "text/csv", "mode": "INPUT", "data": f"{number}\u2028,a", "encoding": "CSV"}
        record = {"captureData": {"endpointInput": side}, "eventMetadata": {"inferenceTime": "2026-05-04T12:00:00Z"}}
        key = f"churn/{variant}/{now():%Y/%m/%d}/{hour}/{file}.jsonl"
        stored[key] = json.dumps(record, ensure_ascii=False).encode()

    def objects(bucket, prefix, token, delimiter):
        keys = [key for key in stored if key.startswith(prefix)]
        return s3.Listing([], [s3.Object(key, 9, now(), "") for key in keys], "")

    monkeypatch.setattr(captured_module.s3, "objects", objects)
    body = lambda bucket, key: s3.Download(iter([stored[key]]), 9, "", key, "")  # noqa: E731
    monkeypatch.setattr(captured_module.s3, "open_object", body)
    requests = captured_module.captured_requests(endpoint, capture_of(endpoint))
    assert [request.sent[0] for request in requests] == ["1", "2", "0"]


@pytest.fixture
def endpoint(db, django_user_model) -> Endpoint:
    described = {"EnableCapture": True, "CaptureStatus": "Started", "CurrentSamplingPercentage": 5}
    described["DestinationS3Uri"] = "s3://bucket/captured"
    owner = django_user_model.objects.create_user("lee")
    model = Model.objects.create(name="churn", owner=owner, algorithm="xgboost", schema=SCHEMA)
    return Endpoint.objects.create(name="churn", model=model, described={"DataCaptureConfig": described})


def captured(monkeypatch, count: int, older: int) -> None:
    """As many requests with ages as in training, plus `older` years."""
    chance = random.Random(1)
    requests = [
        CapturedRequest(now(), f"{chance.uniform(20, 70) + older},{chance.choice('ab')}", "text/csv", "0.5")
        for _ in range(count)
    ]
    monkeypatch.setattr(drift, "captured_requests", lambda endpoint, capture: iter(requests))


def test_a_changed_column_is_said_once_and_one_as_in_training_is_not(endpoint, monkeypatch):
    captured(monkeypatch, 300, older=0)
    drift.measure(endpoint)
    assert {column["verdict"] for column in endpoint.drift["columns"]} == {"same"} and not endpoint.events.exists()
    captured(monkeypatch, 300, older=25)
    for _ in range(2):
        drift.measure(endpoint)
    age, plan = endpoint.drift["columns"]
    assert (age["name"], age["verdict"], plan["verdict"]) == ("age", "changed", "same")
    ((_day, largest, column),) = endpoint.drift["days"]
    assert (largest, column) == (age["psi"], "age")
    assert [str(event.text) for event in endpoint.events.all()] == [f"age changed since training: PSI {age['psi']:.2f}"]


def test_too_few_rows_are_not_judged(endpoint, monkeypatch):
    captured(monkeypatch, 199, older=25)
    drift.measure(endpoint)
    assert (endpoint.drift["rows"], endpoint.drift["columns"], endpoint.drift["days"]) == (199, [], [])


@pytest.mark.parametrize("kind", ["probability", "margin"])
def test_the_score_of_two_classes_is_compared_with_that_of_the_test_rows(kind, endpoint, monkeypatch):
    model = endpoint.model
    model.schema = {**SCHEMA, "algorithm": "xgboost", "task": "binary", "classes": ["no", "yes"], "target": "churned"}
    model.save()
    histogram = {"low": 0.0, "high": 1.0, "negative": [50, 50, 0, 0, 0], "positive": [0, 0, 50, 50, 50]}
    monkeypatch.setattr(drift, "_document", lambda model: {"positive": "yes", "histogram": histogram})
    model.schema["score_kind"] = kind
    model.save()
    requests = [CapturedRequest(now(), "30,a", "text/csv", "0.95") for _ in range(300)]
    monkeypatch.setattr(drift, "captured_requests", lambda endpoint, capture: iter(requests))
    drift.measure(endpoint)
    score = next(column for column in endpoint.drift["columns"] if column["name"] == drift.SCORE)
    assert (score["verdict"], score["now"][5]) == ("changed", 300)
    assert any("Score of the answers" in str(event.text) for event in endpoint.events.all())


@pytest.mark.parametrize(
    ("schema", "document", "before", "after", "changed"),
    [
        (
            {"task": "multiclass", "classes": ["a", "b", "c"]},
            {"answers": {"classes": {"a": 60, "b": 30, "c": 10},
                         "probability": {"low": 0.0, "high": 1.0, "counts": [0, 0, 0, 50, 50]}}},
            ["0.9,0.05,0.05", "0.7,0.2,0.1"] * 18 + ["0.1,0.85,0.05", "0.1,0.7,0.2"] * 9
            + ["0.05,0.05,0.9", "0.2,0.1,0.7"] * 3,
            ["0.3,0.3,0.4"] * 60,
            {drift.CLASS, drift.PROBABILITY},
        ),
        (
            {"task": "regression", "classes": []},
            {"answers": {"low": 0.0, "high": 10.0, "counts": [10] * 10}},
            [str(number / 6) for number in range(60)],
            ["9.5"] * 60,
            {drift.NUMBER},
        ),
    ],
    ids=["classes", "numbers"],
)  # fmt: skip
def test_the_answers_of_other_models_are_compared_too(endpoint, monkeypatch, schema, document, before, after, changed):
    endpoint.model.schema = {**SCHEMA, "algorithm": "xgboost", "target": "y", **schema}
    endpoint.model.save()
    monkeypatch.setattr(drift, "_document", lambda model: {"rows": 100, **document})
    for answers in (before, after):
        requests = [CapturedRequest(now(), "30,a", "text/csv", answer) for answer in answers * 5]
        monkeypatch.setattr(drift, "captured_requests", lambda *_, requests=requests: iter(requests))
        drift.measure(endpoint)
        verdicts = {c["name"]: c["verdict"] for c in endpoint.drift["columns"] if c["name"] in drift.ANSWERS}
        assert set(verdicts) == changed
        assert set(verdicts.values()) == {"changed" if answers is after else "same"}
