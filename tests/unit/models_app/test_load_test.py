"""The load test of an endpoint: what a step measures, which step holds, and one test at a time."""

import threading
import time
from datetime import timedelta

import pytest
from django.utils.timezone import now

from models_app.endpoints import load_test
from models_app.models import Endpoint
from models_app.problems import Problem


def test_a_step_measures_as_many_callers_at_once():
    at_once, most, lock = 0, 0, threading.Lock()

    def send() -> bool:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
            refused = at_once == 4
        time.sleep(0.005)
        with lock:
            at_once -= 1
        return not refused

    step = load_test.measure(4, send, 0.1)
    assert most == 4 and 5 <= step.p50 <= step.p95 <= step.p99
    assert step.requests > 4 and 0 < step.errors < step.requests and 0 < step.rate < 4 / 0.005


def step(callers: int, rate: float, errors: int = 0) -> dict:
    return {"callers": callers, "rate": rate, "errors": errors, "requests": 1000, "p50": 1.0, "p95": 2.0, "p99": 3.0}


def test_the_rate_that_holds_is_the_highest_one_with_hardly_an_error():
    assert load_test.held([step(1, 100), step(2, 180), step(4, 170), step(8, 900, errors=11)])["callers"] == 2
    assert load_test.held([step(1, 100, errors=500)]) is None


@pytest.fixture
def endpoint(db, monkeypatch) -> Endpoint:
    monkeypatch.setattr(load_test, "features_of", lambda endpoint: ["age"])
    monkeypatch.setattr(load_test, "enqueue", lambda *_, **__: None)
    return Endpoint.objects.create(name="churn", status=Endpoint.Status.IN_SERVICE)


def test_one_load_test_runs_at_a_time_and_a_lost_one_is_over(endpoint):
    load_test.begin(endpoint, "lee")
    other = Endpoint.objects.create(name="other", status=Endpoint.Status.IN_SERVICE)
    for one in (endpoint, other):
        with pytest.raises(Problem, match="Another load test runs"):
            load_test.begin(one, "lee")
    endpoint.load_test["began"] = (now() - timedelta(minutes=3)).isoformat()
    endpoint.save()
    load_test.begin(other, "lee")
    assert load_test.is_running(other) and not load_test.is_running(endpoint)


def test_a_test_is_over_as_soon_as_its_worker_is(endpoint, monkeypatch):
    def crash(*_):
        assert load_test.is_running(Endpoint.objects.get())
        raise RuntimeError("the worker is out of memory")

    monkeypatch.setattr(load_test, "example_request", lambda endpoint: None)
    monkeypatch.setattr(load_test, "measure", crash)
    load_test.begin(endpoint, "lee")
    with pytest.raises(RuntimeError):
        load_test.run(endpoint)
    endpoint.refresh_from_db()
    assert not load_test.is_running(endpoint)
    load_test.begin(endpoint, "lee")
    assert load_test.is_running(endpoint), "it waits for a worker"


def test_what_was_measured_is_kept(endpoint, monkeypatch):
    monkeypatch.setattr(load_test, "STEP_SECONDS", 0.01)
    monkeypatch.setattr(load_test, "measure", lambda callers, send: load_test.Step(callers, 9.0, 1, 2, 3, 10, 0))
    monkeypatch.setattr(load_test, "example_request", lambda endpoint: None)
    load_test.run(endpoint)
    assert endpoint.load_test == {}  # nobody asked for it
    load_test.begin(endpoint, "lee")
    load_test.run(endpoint)
    endpoint.refresh_from_db()
    assert [step["callers"] for step in endpoint.load_test["steps"]] == [1, 2, 4, 8, 16]
    assert not load_test.is_running(endpoint)


def test_a_test_ends_with_its_endpoint_and_leaves_nothing(endpoint, monkeypatch):
    monkeypatch.setattr(load_test, "example_request", lambda endpoint: None)
    load_test.begin(endpoint, "lee")
    calls = []

    def measure(callers, send):
        calls.append(callers)
        Endpoint.objects.all().delete()
        return load_test.Step(callers, 0, 0, 0, 0, 10, 10)

    monkeypatch.setattr(load_test, "measure", measure)
    load_test.run(endpoint)
    assert calls == [1] and not Endpoint.objects.exists()
