"""Which failures say that the database is away."""

import sqlite3

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, ProgrammingError

from common.db import outage


def caused(error: Exception, cause: BaseException | None) -> Exception:
    error.__cause__ = cause
    return error


def of_sqlite(statement: str) -> sqlite3.Error:
    with pytest.raises(sqlite3.Error) as caught:
        sqlite3.connect(":memory:").execute(statement)
    return caught.value


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (OperationalError("connection refused"), True),
        (InterfaceError("the connection is closed"), True),
        (caused(OperationalError(), psycopg.errors.AdminShutdown()), True),
        (caused(OperationalError(), psycopg.errors.TooManyConnections()), True),
        (caused(InternalError(), psycopg.errors.ReadOnlySqlTransaction()), True),
        (caused(ValueError("of a view"), OperationalError("connection refused")), True),
        (caused(OperationalError(), psycopg.errors.DeadlockDetected()), False),
        (caused(ProgrammingError(), psycopg.errors.UndefinedTable()), False),
        (caused(OperationalError(), of_sqlite("SELECT * FROM none")), False),
        (DatabaseError("a row was deleted meanwhile"), False),
        (ValueError("ours"), False),
        (None, False),
    ],
)
def test_is_away(error, answer):
    assert outage.is_away(error) is answer


def test_an_outage_lasts_until_nothing_failed_for_a_while(monkeypatch):
    at = iter([100.0, 112.0, 130.0, 130.0 + outage.GAP + 1])
    monkeypatch.setattr(outage.time, "monotonic", lambda: next(at))
    monkeypatch.setattr(outage, "_last", float("-inf"))
    assert [outage.seconds_away() for _ in range(4)] == [0, 12, 30, 0]
