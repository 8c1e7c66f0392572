"""The pytest plugin: `sagewright_engine`, a SageMaker for a test suite. docs/testing.md shows its use."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sagewright.local_engine import LocalEngine


@pytest.fixture(scope="session")
def sagewright_engine() -> "Iterator[LocalEngine]":
    """A running engine, and until the end of the session the AWS variables that point boto3 at it.

    Every process of pytest-xdist has an engine of its own, so tests that pass one after another also pass at once.
    """
    from sagewright.local_engine import LocalEngine

    with LocalEngine() as engine, _aws_variables(engine.environment):
        yield engine


@contextmanager
def _aws_variables(variables: dict[str, str]) -> Iterator[None]:
    """Have these variables, and no others of AWS: no test reaches a real account. Put the old ones back after."""
    before = {name: value for name, value in os.environ.items() if name.startswith("AWS_") or name in variables}
    _replace(before, variables | {"AWS_EC2_METADATA_DISABLED": "true"})
    try:
        yield
    finally:
        _replace({name: "" for name in os.environ if name.startswith("AWS_") or name in variables}, before)


def _replace(old: dict[str, str], new: dict[str, str]) -> None:
    for name in old:
        os.environ.pop(name, None)
    os.environ.update(new)
    if boto3 := sys.modules.get("boto3"):
        vars(boto3)["DEFAULT_SESSION"] = None  # it remembers the credentials of the variables that it first met
