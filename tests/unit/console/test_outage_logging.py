"""What a log holds of an outage of the database."""

import io
import logging

import pytest
from django.db import OperationalError

from console import outage_logging
from console.outage_logging import FewLines

AWAY = OperationalError("connection\n\trefused")


@pytest.fixture
def printed():
    """What two loggers print through the filter; `clock` moves its time on."""
    text, handler = io.StringIO(), logging.StreamHandler()
    handler.setStream(text)
    handler.addFilter(FewLines())
    loggers = [logging.getLogger(name) for name in ("django.request", "engine.wire.errors")]
    for logger in loggers:
        logger.addHandler(handler)
    yield text
    for logger in loggers:
        logger.removeHandler(handler)


@pytest.fixture
def clock(monkeypatch):
    at = [100.0]
    monkeypatch.setattr(outage_logging.time, "monotonic", lambda: at[0])
    return at


def turned_away(path: str, error: Exception = AWAY) -> None:
    info = (type(error), error, None)
    logging.getLogger("django.request").error("%s: %s", "Service Unavailable", path, exc_info=info)


def test_a_hundred_pages_that_were_turned_away_are_one_line_and_no_traceback(printed, clock):
    for number in range(100):
        turned_away(f"/jobs/{number}/")
    assert printed.getvalue() == "Service Unavailable: /jobs/0/: connection refused\n"
    clock[0] += outage_logging.EVERY
    turned_away("/models/")
    assert printed.getvalue().splitlines()[1:] == [
        "Service Unavailable: /models/: connection refused (and 99 more such lines)"
    ]


def test_each_logger_has_a_line_of_its_own(printed, clock):
    turned_away("/jobs/")
    for _ in range(5):
        logging.getLogger("engine.wire.errors").warning("the database does not answer: %s", AWAY)
    assert len(printed.getvalue().splitlines()) == 2


def test_a_fault_of_ours_has_its_traceback_every_time(printed, clock):
    for _ in range(2):
        turned_away("/jobs/", ValueError("ours"))
    logging.getLogger("engine.wire.errors").warning("something else: %s", ValueError("ours"))
    assert printed.getvalue().count("ValueError: ours") == 2
    assert "something else: ours" in printed.getvalue()
