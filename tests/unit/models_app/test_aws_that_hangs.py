"""An endpoint that accepts connections and never answers: a page waits for it once, and a task longer."""

import socket
import time

import pytest

from common.problems import Unavailable
from models_app import aws


@pytest.fixture
def hung(monkeypatch):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
        monkeypatch.setattr(aws, "_for_people", True)
        monkeypatch.setattr(aws, "_silent_until", 0.0)
        aws._client.cache_clear()
        yield
    aws._client.cache_clear()


def test_people_wait_once_and_for_seconds(hung):
    def ask() -> float:
        began = time.monotonic()
        with pytest.raises(Unavailable), aws.plain_errors():
            aws.client("s3").list_buckets()
        return time.monotonic() - began

    aws.client("s3")  # which takes long to make on a busy machine
    assert 3 < ask() < 8
    assert ask() < 3  # whoever asks next on the page does not wait again


def test_what_runs_for_minutes_and_what_is_streamed_keeps_its_time(hung):
    config = aws.client("sagemaker").meta.config
    assert (config.read_timeout, config.retries["total_max_attempts"]) == (4, 1)
    for client in (aws.client("sagemaker-runtime"), aws.client("s3", streamed=True)):
        assert client.meta.config.read_timeout == 30
    aws._client.cache_clear()
    aws._for_people = False
    config = aws.client("sagemaker").meta.config
    assert (config.read_timeout, config.retries["total_max_attempts"]) == (30, 3)
