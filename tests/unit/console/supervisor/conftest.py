"""A data folder of the supervisor's, and none of the variables that would change what it does."""

import os

import pytest

from console.supervisor.folder import Folder


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Folder:
    for name in [name for name in os.environ if name.startswith(("SAGEWRIGHT_", "AWS_"))]:
        monkeypatch.delenv(name)
    return Folder(tmp_path / "data")
