"""A Redis that accepts connections and never answers: nobody waits for it twice."""

import re
import socket
import time

import pytest
from django.core.cache import caches
from redis.exceptions import TimeoutError

from common.db import redis_client
from tests.stack import ROOT


@pytest.fixture
def hung(settings):
    """The URL of a server that hangs, for the client and the cache."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": settings.REDIS_URL}}
        redis_client._silent_until = 0.0
        yield
    redis_client._silent_until = 0.0
    redis_client._client.cache_clear()


def seconds(work) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def test_the_client_gives_up_after_a_second_and_then_at_once(hung, monkeypatch):
    def ask():
        with pytest.raises(TimeoutError):
            redis_client.redis().publish("channel", "text")

    assert redis_client.TIMEOUT <= seconds(ask) < 4 * redis_client.TIMEOUT
    assert seconds(ask) < redis_client.TIMEOUT
    monkeypatch.setattr(redis_client, "_silent_until", time.monotonic())  # the pause is over
    assert seconds(ask) >= redis_client.TIMEOUT


def test_the_cache_is_empty_and_takes_everything(hung):
    cache = caches.create_connection("default")
    assert seconds(lambda: cache.set("a", 1)) < 4 * redis_client.TIMEOUT
    assert cache.get("a", "nothing") == "nothing"
    assert seconds(lambda: cache.get("a")) < redis_client.TIMEOUT
    assert cache.delete("a") is False
    assert cache.add("a", 1) is False
    assert cache.get("a") is None


def test_no_other_method_of_the_cache_is_used():
    """The others of Django's raise an error while Redis is away, and so would the page."""
    call = re.compile(r"\bcache\.(\w+)\(")
    files = [
        file for package in ("common", "console", "engine", "models_app") for file in (ROOT / package).rglob("*.py")
    ]
    used = {n for file in files if "cache import cache" in (t := file.read_text()) for n in call.findall(t)}
    assert used >= {"add", "get", "set"}
    assert used <= vars(redis_client.Cache).keys(), used
