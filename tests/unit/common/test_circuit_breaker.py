"""Who waits for a database whose host drops packets: the first caller and a probe, and nobody else."""

import threading
import time

import psycopg
import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from common.db import circuit_breaker
from common.db.circuit_breaker import CircuitBreaker
from common.db.postgresql import base
from console.database import parse_database
from tests.waiting import wait_for


@pytest.fixture(autouse=True)
def _short_times(monkeypatch, django_db_blocker):
    monkeypatch.setattr(circuit_breaker, "SLOW", 0.2)
    monkeypatch.setattr(circuit_breaker, "GRACE", 0.05)
    monkeypatch.setattr(circuit_breaker, "PAUSE", 0.01)
    base._breaker_of.cache_clear()
    with django_db_blocker.unblock():
        yield
    base._breaker_of.cache_clear()


class Host:
    """A database host: who connected, by name of thread, and how it answers."""

    def __init__(self, monkeypatch):
        self.tries: list[str] = []
        self.is_silent = True
        monkeypatch.setattr(psycopg, "connect", self._connect)

    def _connect(self, **params):
        self.tries.append(threading.current_thread().name)
        if self.is_silent:
            time.sleep(0.25)
        raise psycopg.OperationalError("timeout expired" if self.is_silent else "connection refused")

    @property
    def callers(self) -> int:
        """How many tries were not the probe's."""
        return sum(name != "database probe" for name in self.tries)


@pytest.fixture
def host(monkeypatch):
    host = Host(monkeypatch)
    yield host
    host.is_silent = False  # ends the probe


def connect() -> None:
    database = parse_database("postgres://me@192.0.2.1/name")
    with pytest.raises(OperationalError):
        ConnectionHandler({"default": database})["default"].ensure_connection()


def test_one_caller_waits_for_a_silent_host_and_the_others_are_turned_away(host):
    for _ in range(20):
        connect()
    assert host.callers == 1, "each further caller would wait for the whole time limit"


def test_a_probe_alone_finds_that_the_host_answers_again(host):
    connect()
    wait_for(lambda: host.tries.count("database probe") > 1, "the probe to try again")
    host.is_silent = False
    wait_for(lambda: (connect(), host.callers)[1] > 1, "callers to be admitted")


def test_a_host_that_refuses_is_asked_by_everybody(host):
    host.is_silent = False
    for _ in range(5):
        connect()
    assert host.tries == [threading.current_thread().name] * 5


def test_a_connection_that_was_there_is_not_looked_at_while_the_host_is_silent(host):
    connect()
    database = ConnectionHandler({"default": parse_database("postgres://me@192.0.2.1/name")})["default"]
    database.connection = object()  # whoever used it would fail
    assert not database.is_usable()


def test_a_quick_failure_opens_nothing_and_a_slow_one_does():
    breaker, go_on = CircuitBreaker(), threading.Event()
    breaker.attempt_failed(0.1, go_on.wait)
    assert breaker.admits()
    breaker.attempt_failed(0.3, go_on.wait)
    assert not breaker.admits()
    go_on.set()
    wait_for(breaker.admits, "the breaker to close")


def test_the_first_callers_wait_for_a_standby_that_has_taken_over(monkeypatch):
    monkeypatch.setattr(circuit_breaker, "GRACE", 5.0)
    breaker = CircuitBreaker()
    breaker.attempt_failed(0.3, lambda: time.sleep(0.1))
    assert breaker.admits(), "the probe connected at once"
