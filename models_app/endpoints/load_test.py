"""Load test of an endpoint: steps of callers that send the same row as fast as they are answered."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from common.messages import _
from models_app.endpoints import actions as endpoint_actions
from models_app.endpoints.request_form import PredictionRequest
from models_app.endpoints.snippet_context import example_request, features_of
from models_app.models import Endpoint
from models_app.problems import Declined, Problem
from models_app.work import locks
from models_app.work.enqueue import enqueue

STEP_SECONDS = 4.0
CALLERS = (1, 2, 4, 8, 16)  # at once, step by step
MAX_ERRORS = 0.01  # share of the requests of a step that holds
OVER = timedelta(minutes=2)  # a test that says no more after that long was lost
LOCK = "load-test"  # of the worker that runs it
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """The result of one step: answers a second, latencies in milliseconds, errors among all requests."""

    callers: int
    rate: float
    p50: float
    p95: float
    p99: float
    requests: int
    errors: int


def is_running(endpoint: Endpoint) -> bool:
    """True if a load test of `endpoint` is queued or runs; one that runs ends with its worker."""
    began = parse_datetime(endpoint.load_test.get("began", ""))
    if endpoint.load_test.get("steps") is not None or began is None or now() - began > OVER:
        return False
    return not endpoint.load_test.get("started") or locks.is_held(LOCK)


def begin(endpoint: Endpoint, by: str) -> None:
    """Have a worker test `endpoint` for the person `by`. Raises Problem when it cannot be tested now."""
    if not endpoint.answers:
        raise Problem(_("Endpoint %(name)s is not in service.", name=endpoint.name))
    if not features_of(endpoint):
        raise Problem(_("The columns of the model are not known, so there is no row to send."))
    with locks.held("load-test-begins") as acquired:
        if not acquired or any(is_running(one) for one in Endpoint.objects.exclude(load_test={})):
            raise Problem(_("Another load test runs. Try again when it is over, in half a minute."))
        endpoint.load_test = {"began": now().isoformat(), "by": by}
        endpoint.save(update_fields=["load_test"])
    enqueue("endpoints.run_load_test", endpoint.pk, expires=OVER.seconds)


def run(endpoint: Endpoint) -> None:
    """Test `endpoint` and store the result in its row; do nothing while another test runs."""
    with locks.held(LOCK) as acquired:
        if not acquired or not is_running(endpoint):
            return
        endpoint.load_test["started"] = True
        endpoint.save(update_fields=["load_test"])
        ask = example_request(endpoint)
        steps: list[dict[str, Any]] = []
        for callers in CALLERS:
            row = Endpoint.objects.filter(pk=endpoint.pk).first()
            if row is None or not row.answers or not is_running(row):  # deleted meanwhile, or it hardly answers
                break
            steps.append(asdict(measure(callers, lambda: _send(endpoint, ask))))
        result = endpoint.load_test | {"steps": steps, "ended": now().isoformat()}
        if Endpoint.objects.filter(pk=endpoint.pk).update(load_test=result):
            endpoint.load_test = result
            endpoint.changed()


def measure(callers: int, send: Callable[[], bool], seconds: float = STEP_SECONDS) -> Step:
    """Call `send`, which says whether it was answered, from as many threads at once for `seconds`."""
    until = time.monotonic() + seconds

    def call() -> list[tuple[float, bool]]:
        times = []
        while (began := time.monotonic()) < until:
            is_answered = send()
            times.append((time.monotonic() - began, is_answered))
        return times

    began = time.monotonic()
    with ThreadPoolExecutor(callers, "load-test") as threads:
        times = [one for part in threads.map(lambda _: call(), range(callers)) for one in part]
    taken = time.monotonic() - began
    answered = [1000 * duration for duration, is_answered in times if is_answered]
    p50, p95, p99 = (float(p) for p in np.percentile(answered, (50, 95, 99))) if answered else (0.0, 0.0, 0.0)
    return Step(callers, len(answered) / taken, p50, p95, p99, len(times), len(times) - len(answered))


def held(steps: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The step with the highest rate among those with hardly an error; None where every one had more."""
    good = [step for step in steps if step["requests"] and step["errors"] <= MAX_ERRORS * step["requests"]]
    return max(good, key=lambda step: step["rate"], default=None)


def _send(endpoint: Endpoint, ask: PredictionRequest) -> bool:
    try:
        endpoint_actions.invoke(endpoint, ask.body.encode(), ask.content_type, ask.accept)
    except Declined as e:
        log.debug("a request of the load test of %s was refused: %s", endpoint, e.message)
        return False
    except Problem:  # no answer in time
        return False
    return True
