"""Tables in a folder of this machine, inspected as the form inspects them."""

from collections.abc import Callable

import pytest

from jobs import JobSpec
from jobs.plan import LaunchPlan, plan_launch
from tables import Folder, Inspection, inspect

ACCOUNT = {
    "role_arn": "arn:aws:iam::123456789012:role/SageMakerRole",
    "region": "us-east-1",
    "output_uri": "s3://team/sagewright",
}
NUMBERS = "".join(f"{i % 2},{i % 7},{(i * 3) % 11}\n" for i in range(100))  # the label first, no header


@pytest.fixture
def folder(tmp_path) -> Folder:
    (tmp_path / "team").mkdir()
    return Folder(tmp_path)


@pytest.fixture
def put(tmp_path, folder) -> Callable[..., str]:
    """Write a table; returns its address."""

    def write(text: str | bytes = NUMBERS, name: str = "t.csv") -> str:
        (tmp_path / "team" / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return f"s3://team/{name}"

    return write


@pytest.fixture
def look(folder) -> Callable[[JobSpec], Inspection]:
    """The table of a specification as the form sees it."""
    import algorithms

    return lambda spec: inspect(folder, spec.data_uri, spec.recipe, algorithms.get(spec.algorithm).supervised)


@pytest.fixture
def plan(look) -> Callable[[JobSpec], LaunchPlan]:
    """The plan of a specification, from its table as the form sees it."""
    return lambda spec: plan_launch(spec.but(**ACCOUNT), look(spec))
