"""One PostgreSQL for all tests of this folder: a new one takes seconds."""

from collections.abc import Iterator

import pytest

from tests.scale import servers


@pytest.fixture(scope="session")
def postgres() -> Iterator[tuple[int, str]]:
    """The port, and the password of the user "sagewright", who has an empty database of that name."""
    with servers.postgres() as running:
        yield running
