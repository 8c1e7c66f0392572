"""What Django is told of the database at a URL."""

import pytest

from console.database import parse_database


def test_several_hosts_are_asked_for_the_one_that_takes_writes():
    database = parse_database("postgres://me:p%40ss@one:5433,two/name?sslmode=require")
    assert (database["HOST"], database["PORT"]) == ("one,two", "5433,5432")
    assert (database["USER"], database["PASSWORD"], database["NAME"]) == ("me", "p@ss", "name")
    assert database["OPTIONS"]["target_session_attrs"] == "read-write"
    assert database["OPTIONS"]["sslmode"] == "require"


def test_what_the_url_says_goes_before():
    url = "postgresql://one,two/name?target_session_attrs=primary&connect_timeout=9"
    options = parse_database(url)["OPTIONS"]
    assert options["target_session_attrs"] == "primary"
    assert str(options["connect_timeout"]) == "9"


@pytest.mark.parametrize("url", ["postgres://me@one/name", "postgres://me@one,two/name"], ids=["one", "two"])
def test_a_server_that_is_gone_is_noticed_in_seconds(url):
    database = parse_database(url)
    assert database["CONN_HEALTH_CHECKS"], "a connection from before a failover would fail a request"
    assert database["OPTIONS"]["connect_timeout"] <= 5
    assert database["OPTIONS"]["tcp_user_timeout"] <= 15_000


def test_sqlite_takes_many_writers():
    database = parse_database("sqlite:////data/a,b@c/file.sqlite3")
    assert database["NAME"] == "/data/a,b@c/file.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
