"""Sandboxes of every level that this machine has."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.launch import Sandboxed, launch
from sandbox.level import why_not
from sandbox.spec import Level, Spec

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
LEVELS = [level for level in Level if not why_not(level)]


@pytest.fixture(params=LEVELS)
def level(request) -> Level:
    return request.param


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    folder.mkdir()
    return folder


@pytest.fixture
def shell(folder: Path, tmp_path: Path) -> Iterator[Callable[..., Sandboxed]]:
    """Starts a shell command in a sandbox of `folder`; `output()` of it is in the file `output`."""
    started: list[Sandboxed] = []

    def start(command: str, level: Level, **fields) -> Sandboxed:
        with (tmp_path / "output").open("w") as output:
            spec = Spec(folder, ("/bin/sh", "-c", command), ENVIRONMENT, **fields)
            started.append(launch(spec, level, stdout=output, stderr=output))
        return started[-1]

    yield start
    for sandboxed in started:
        sandboxed.close()


@pytest.fixture
def output(tmp_path: Path) -> Callable[[], str]:
    return (tmp_path / "output").read_text
