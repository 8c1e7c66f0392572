"""What several kinds of test share: one object store, and one running Sagewright for all that only look at it."""

import contextlib
import gc
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from xdist.scheduler import LoadScopeScheduling

from common.memory import machine_memory
from engine import store
from tests.database import migrated_database
from tests.environment import DATA
from tests.gateway import start_gateway
from tests.stack import ROOT, Stack
from tests.store import start_store

# Folders, or files of them, that one process must run because they share something costly to start; the longest first.
# A process has one stack, which all its groups share, so a group that is split costs one more start at most.
WHILE_A_STACK_RUNS = (
    ("wire/models_app/", "sdk/"),
    (*(f"browser/test_{name}" for name in ("wrong_files", "journey", "upload", "every_algorithm", "bad_input")),),
    ("browser/",),
    ("kill/",),  # on a stack of its own
    ("pages/", "wire/test_notebook_life"),
)
TOGETHER = (
    *WHILE_A_STACK_RUNS,
    ("wire/gateway/",),
    ("wire/",),
    ("install/",),
    ("upgrade/",),
    ("scale/",),
    # Files that take long come before the other files, so that no process is left with one at the end.
    ("unit/preflight/test_corpus",),
    ("unit/algorithms/test_every_algorithm",),
    ("unit/engine/training/",),
    ("unit/engine/serving/",),
    ("unit/tables/test_one_classification",),
    ("unit/algorithms/test_xgboost_training",),
    ("unit/tables/test_spellings_numbers",),
    ("unit/tables/test_encode_row",),
    ("unit/tables/test_spellings_missing",),
    ("unit/tables/test_spellings_dates",),
    ("unit/tables/test_bombs",),
    ("unit/tables/test_training_statistics",),
    ("unit/tables/test_inspection",),
    ("unit/tables/test_isolated",),
    ("unit/tables/test_truth",),
)


class Dealer(LoadScopeScheduling):
    """Deals the tests out to the processes of `pytest -n`: folders that belong together to one, the rest by file."""

    def _split_scope(self, nodeid: str) -> str:
        return str(_group_of(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> Dealer:
    return Dealer(config, log)


def pytest_configure() -> None:
    """Let work on tables use all memory: a stack and a browser are children of this process, which its watch counts."""
    settings.READER_MEMORY = machine_memory()


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
    items.sort(key=lambda item: _group_of(item.nodeid)[0])
    for item in items:
        if _needs_the_stack(item) and _group_of(item.nodeid)[0] >= len(WHILE_A_STACK_RUNS):
            raise pytest.UsageError(f"{item.nodeid} needs the stack: name its file in WHILE_A_STACK_RUNS")


def pytest_collection_finish() -> None:
    """Keep modules and tests, which stay to the end, out of garbage collection: it would look at all of them again."""
    gc.collect()
    gc.freeze()


def _group_of(nodeid: str) -> tuple[int, str]:
    return _group_of_file(nodeid.partition("::")[0])


@cache
def _group_of_file(file: str) -> tuple[int, str]:
    for index, folders in enumerate(TOGETHER):
        if file.startswith(tuple(f"tests/{folder}" for folder in folders)):
            return index, ""
    return len(TOGETHER), file


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
    if _stacks and _group_of(item.nodeid)[0] >= len(WHILE_A_STACK_RUNS):
        _stacks.pop().stop()


def _needs_the_stack(item: pytest.Item) -> bool:
    """True if a test uses the fixture `stack` of this file, not one of its own folder."""
    definitions = item._fixtureinfo.name2fixturedefs.get("stack") if isinstance(item, pytest.Function) else None
    return definitions[-1].baseid == Path(__file__).parent.name if definitions else False
