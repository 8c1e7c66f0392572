"""A schema that is replaced while its model is in service: answers with labels follow it, and nothing else asks."""

import asyncio
import io
import json

import numpy as np
import pytest
from botocore.exceptions import ClientError

from engine import store
from engine.serving import last_known, schema_document
from engine.serving.answering import Answering
from engine.serving.in_process import InProcessModel
from engine.serving.schema_document import VARIABLE, SchemaDocument
from tests.unit.engine.serving.test_serving_by_name import SCHEMA
from tests.unit.engine.serving.test_serving_slow import Recorder

LABELS = {"content-type": "text/csv", "accept": "application/json; labels=true"}


class Share(Recorder):
    """Answers 0.4 to every row."""

    def write(self, predictions, accept):
        return b"0.4"


class Bucket:
    """An object store with one object, which counts how often it is sent."""

    def __init__(self):
        self.content, self.calls, self.sent, self.is_away = b"", 0, 0, False

    def put(self, schema: dict) -> None:
        self.content = json.dumps(schema).encode()

    def get_object(self, Bucket, Key, IfNoneMatch=""):  # noqa: N803 boto3's names
        self.calls += 1
        if self.is_away:
            raise store.StoreUnavailable(error="away")
        etag = f'"{hash(self.content)}"'
        if etag == IfNoneMatch:
            raise ClientError({"Error": {"Code": "304"}, "ResponseMetadata": {"HTTPStatusCode": 304}}, "GetObject")
        self.sent += 1
        return {"ContentLength": len(self.content), "Body": io.BytesIO(self.content), "ETag": etag}


@pytest.fixture
def bucket(monkeypatch):
    objects = Bucket()
    monkeypatch.setattr(store, "client", lambda quick=False: objects)
    monkeypatch.setattr(last_known, "recall", lambda uri: None)
    monkeypatch.setattr(last_known, "remember", lambda uri, content: None)
    objects.put(SCHEMA)
    return objects


@pytest.fixture
def ask(bucket):
    """ask(headers) is the model's answer."""
    model = InProcessModel(Answering(Share(3), ""), 1, SchemaDocument({VARIABLE: "s3://b/schema.json"}))

    def answer(headers=LABELS) -> bytes:
        return asyncio.run(model.answer(headers, b"1,2,3"))[0]

    return answer


def label(answer: bytes) -> str:
    return json.loads(answer)["predictions"][0]["label"]


def test_labels_follow_a_threshold_that_is_kept_and_taken_back(bucket, ask, monkeypatch):
    assert label(ask()) == "no"
    bucket.put(SCHEMA | {"threshold": 0.3})
    assert label(ask()) == "no"  # it was read a moment ago
    monkeypatch.setattr(schema_document, "REFRESH_SECONDS", 0)
    assert label(ask()) == "yes" and json.loads(ask())["predictions"][0]["probability"] == 0.4
    bucket.put(SCHEMA)
    assert label(ask()) == "no"


def test_answers_without_labels_ask_for_nothing_and_an_unchanged_schema_is_not_sent_again(bucket, ask, monkeypatch):
    monkeypatch.setattr(schema_document, "REFRESH_SECONDS", 0)
    for _ in range(3):
        assert ask({"content-type": "text/csv"}) == b"0.4"
    assert (bucket.calls, bucket.sent) == (1, 1)
    for _ in range(3):
        ask()
    assert (bucket.calls, bucket.sent) == (4, 1)


def test_a_replacement_that_cannot_be_used_or_read_changes_nothing(bucket, ask, monkeypatch):
    monkeypatch.setattr(schema_document, "REFRESH_SECONDS", 0)
    for broken in ({"threshold": 0.3}, SCHEMA | {"features": ["age"]}):
        bucket.put(broken)
        assert label(ask()) == "no"
    bucket.put(SCHEMA | {"threshold": 0.3})
    bucket.is_away = True
    assert label(ask()) == "no"
    bucket.is_away = False
    assert label(ask()) == "yes"
    assert np.isclose(json.loads(ask())["predictions"][0]["threshold"], 0.3)
