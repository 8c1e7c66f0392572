"""What several kinds of test share: one object store, and one running Sagewright for all that only look at it."""

import contextlib
import gc
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck, settings

from engine import store
from tests.database import migrated_database
from tests.dealer import WHILE_A_STACK_RUNS, group_of, pytest_handlecrashitem, pytest_xdist_make_scheduler
from tests.environment import DATA
from tests.gateway import start_gateway
from tests.stack import ROOT, Stack
from tests.store import start_store

__all__ = ["pytest_handlecrashitem", "pytest_xdist_make_scheduler"]

# How long an example takes says how busy the machine is.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[object]:
    """Collect without looking for garbage: there is none, and looking costs a seventh of the collection."""
    gc.disable()
    try:
        _import_in_turn(session)
        return (yield)
    finally:
        gc.enable()


def _import_in_turn(session: pytest.Session) -> None:
    """Import the test modules, each process beginning with others.

    In a fresh clone each then compiles a part of them, not each all: four processes take 58 s of processor time for the
    collection, not 69. What cannot be imported is collected, and reported, once more.
    """
    if worker := getattr(session.config, "workerinput", None):
        arguments = [Path(argument.partition("::")[0]).resolve() for argument in session.config.args]
        files = sorted(file for path in arguments for file in ([path] if path.is_file() else path.rglob("test_*.py")))
        first = len(files) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
        for file in files[first:] + files[:first]:
            with contextlib.suppress(Exception, pytest.skip.Exception):
                importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Long groups are dealt out before short ones; within them pytest-django has an order of its own."""
    yield
    items.sort(key=lambda item: group_of(item.nodeid)[0])
    for item in items:
        if _needs_the_stack(item) and group_of(item.nodeid)[0] >= len(WHILE_A_STACK_RUNS):
            raise pytest.UsageError(f"{item.nodeid} needs the stack: name its file in WHILE_A_STACK_RUNS")


def pytest_collection_finish() -> None:
    """Keep modules and tests, which stay to the end, out of garbage collection: it would look at all of them again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def english() -> None:
    """A page in Korean leaves its language behind on the thread that rendered it."""
    translation.activate("en")


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite in a file: in memory, threads that write at the same time lock each other out of whole tables."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(DATA / "test.sqlite3")
        migrated_database(DATA / "test.sqlite3")
        connection.settings_dict["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"  # nobody needs it tomorrow


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """SQLite's is migrated already."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def store_url() -> Iterator[str]:
    """One object store for all that bring no processes of their own, as settings.STORE_URL spells it."""
    started = start_store(DATA / "store")
    yield started.url
    started.process.end()


@pytest.fixture(scope="session")
def gateway_url(store_url) -> Iterator[str]:
    """S3 for all that bring no gateway of their own; it knows the engine's own key and needs no database for it."""
    url, process = start_gateway(store_url)
    yield url
    process.end()


@pytest.fixture
def stored(gateway_url, settings):
    """The engine's own client of the object store; the engine uses the same, for it takes half a second to make."""
    settings.GATEWAY_URL = gateway_url
    return store.client()


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole set of processes, started once for the session. Whoever kills one starts a stack of their own."""
    with Stack() as running:
        _stacks.append(running)
        yield running


_stacks: list[Stack] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Stop the stack with the last test that needs it: groups come in their order, and it costs time while it waits."""
    if _stacks and group_of(item.nodeid)[0] >= len(WHILE_A_STACK_RUNS):
        _stacks.pop().stop()


def _needs_the_stack(item: pytest.Item) -> bool:
    """True if a test uses the fixture `stack` of this file, not one of its own folder."""
    definitions = item._fixtureinfo.name2fixturedefs.get("stack") if isinstance(item, pytest.Function) else None
    return definitions[-1].baseid == Path(__file__).parent.name if definitions else False
