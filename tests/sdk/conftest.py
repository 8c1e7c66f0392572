"""The SDK and the command against a whole running Sagewright, by the variables that a person's shell would have."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagewright.sdk import session


@pytest.fixture(scope="package")
def account(stack) -> Iterator[dict[str, str]]:
    """The AWS variables of the running engine, and no others, while tests of this package run in this process."""
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for name, value in stack.exports.items():
        patch.setenv(name, value)
    yield stack.exports
    patch.undo()
    session._default = None


@pytest.fixture(scope="session")
def churn(tmp_path_factory) -> Path:
    """A table with a word, a number and a label that follows from them."""
    draw = random.Random(7)
    rows = [(draw.choice(["Seoul", "Busan"]), draw.randint(18, 80)) for _ in range(300)]
    lines = [f"{city},{age},{'yes' if (age > 45) ^ (city == 'Seoul') else 'no'}" for city, age in rows]
    file = tmp_path_factory.mktemp("data") / "churn.csv"
    file.write_text("\n".join(["city,age,churned", *lines]) + "\n")
    return file
