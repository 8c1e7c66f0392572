"""What the gateway goes by while its database is away."""

import asyncio

import pytest
from django.db import OperationalError

from common.db import away
from engine.models import BucketSetting
from engine.s3 import bucket_settings, policies

POLICY = BucketSetting.Name.POLICY


@pytest.fixture(autouse=True)
def _nothing_cached(monkeypatch):
    monkeypatch.setattr(bucket_settings, "_cache", {})
    monkeypatch.setattr(bucket_settings, "CACHE_SECONDS", 0.0)
    monkeypatch.setattr(away, "_silent_until", 0.0)


@pytest.fixture
def stored(monkeypatch):
    """What the database says; an exception is raised."""
    answers: list = [None]

    def read(bucket, name):
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers[0]

    monkeypatch.setattr(bucket_settings, "_read", read)
    return answers


@pytest.mark.parametrize("document", [{"text": "a policy"}, {}, None], ids=["a policy", "deleted", "never any"])
def test_what_was_known_of_a_bucket_counts_for_a_minute(stored, document, monkeypatch):
    stored[0] = document
    assert asyncio.run(bucket_settings.get("lake", POLICY)) == document
    stored[0] = OperationalError("the server closed the connection")
    assert asyncio.run(bucket_settings.get("lake", POLICY)) == document, "uploads would stop for as long as a failover"
    monkeypatch.setattr(away, "SECONDS", 0.0)
    with pytest.raises(OperationalError):
        asyncio.run(bucket_settings.get("lake", POLICY))


def test_a_bucket_that_nobody_looked_at_stays_closed(stored):
    stored[0] = OperationalError("the server closed the connection")
    with pytest.raises(Exception, match="does not answer in time"):
        asyncio.run(policies.of_bucket("unknown"))
