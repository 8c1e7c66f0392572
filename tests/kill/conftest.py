"""A stack of this folder's own, for nobody else's tests should see its processes die."""

from collections.abc import Iterator

import pytest

from tests.kill.console import Console
from tests.kill.jobs import Jobs
from tests.stack import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    with Stack() as running:
        yield running


@pytest.fixture(scope="package")
def jobs(stack) -> Jobs:
    return Jobs(stack)


@pytest.fixture(scope="package")
def console(stack) -> Iterator[Console]:
    with Console(stack) as console:
        yield console
