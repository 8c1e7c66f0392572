"""The engine's client of S3 when the gateway, or the store behind it, does not answer."""

import time

import pytest
from botocore.exceptions import BotoCoreError

from engine import store
from engine.jobs.transfers import STORE_AWAY
from engine.serving.schema_document import VARIABLE, SchemaDocument
from tests.gateway import start_gateway
from tests.ports import free_ports


@pytest.fixture
def without_store(settings, monkeypatch):
    """The engine's client of a gateway with nothing behind it."""
    settings.GATEWAY_URL, process = start_gateway(f"http://key:secret@127.0.0.1:{free_ports(1)[0]}")
    client = store.client.__wrapped__()
    monkeypatch.setattr(store, "client", lambda quick=False: client)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # botocore's wait before it tries again
    yield client
    client.close()
    process.end()


def test_a_store_that_is_away_is_no_missing_object(without_store):
    with pytest.raises(store.StoreUnavailable, match="does not answer") as raised:
        without_store.head_bucket(Bucket="bucket")
    assert isinstance(raised.value, BotoCoreError)
    assert isinstance(raised.value, STORE_AWAY)  # a transfer tries again
    document = SchemaDocument({VARIABLE: "s3://bucket/schema.json"})
    assert document.fetch() is None and "does not answer" in document.error


def test_without_a_gateway_the_remedy_is_named(settings):
    settings.GATEWAY_URL = ""
    with pytest.raises(RuntimeError, match="SAGEWRIGHT_GATEWAY_URL"):
        store.client.__wrapped__()
