"""What several kinds of test share: one running Sagewright for all that only look at it."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.environment import DATA
from tests.stack import Stack


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite in a file: in memory, threads that write at the same time lock each other out of whole tables."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(DATA / "test.sqlite3")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole set of processes, started once for the session. Whoever kills one starts a stack of their own."""
    with Stack() as running:
        yield running
