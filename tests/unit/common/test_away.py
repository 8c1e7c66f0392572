"""What counts while the database is away."""

import pytest
from django.db import OperationalError

from common.db import away


@pytest.fixture(autouse=True)
def _nothing_failed_yet(monkeypatch):
    monkeypatch.setattr(away, "_silent_until", 0.0)


def gone():
    raise OperationalError("the server closed the connection")


def test_the_database_is_asked_while_it_answers():
    assert away.ask(lambda: "new", "old", 6.0) == "new"


def test_what_was_known_counts_while_it_is_away_and_nobody_asks_again_at_once():
    calls = []
    assert away.ask(gone, "old", 6.0) == "old"
    assert away.ask(lambda: calls.append(1), "old", 6.0) == "old"
    assert not calls, "to connect may take seconds"


@pytest.mark.parametrize(("known", "age"), [(None, 0.0), ("old", away.SECONDS + 1)], ids=["unknown", "too old"])
def test_what_is_not_known_is_asked_and_fails(known, age):
    away.ask(gone, "old", 6.0)
    with pytest.raises(OperationalError):
        away.ask(gone, known, age)
