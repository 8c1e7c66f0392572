"""What several kinds of test share: one object store, and one running Sagewright for all that only look at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from engine import store
from tests.environment import DATA
from tests.stack import Stack
from tests.store import start_store

TESTS = Path(__file__).parent


# What one process must run because it shares something costly to start, the longest first. The rest goes by file.
TOGETHER = ("stack", "kill", "scale", "wire/gateway", "wire")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Deal the tests out to the processes of `pytest -n`: a group each, long groups before short ones."""
    groups = {item: _group(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    yield  # xdist reads the groups; pytest-django has an order of its own
    items.sort(key=lambda item: TOGETHER.index(groups[item]) if groups[item] in TOGETHER else len(TOGETHER))


def _group(item: pytest.Item) -> str:
    file = item.path.relative_to(TESTS)
    for folder in ("kill", "scale"):
        if file.is_relative_to(folder):
            return folder
    if "stack" in item.fixturenames:
        return "stack"
    return next((folder for folder in TOGETHER if file.is_relative_to(folder)), str(file))


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite in a file: in memory, threads that write at the same time lock each other out of whole tables."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(DATA / "test.sqlite3")
        connection.settings_dict["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"  # nobody needs it tomorrow


@pytest.fixture(scope="session")
def store_url() -> Iterator[str]:
    """One object store for all that bring no processes of their own, as settings.STORE_URL spells it."""
    url, process = start_store(DATA / "store")
    yield url
    process.end()


@pytest.fixture
def stored(store_url, settings):
    """The engine's own client of the object store; the engine uses the same, for it takes half a second to make."""
    settings.STORE_URL = store_url
    return store.client()


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole set of processes, started once for the session. Whoever kills one starts a stack of their own."""
    with Stack() as running:
        yield running
