"""What a program of ours finds in a sandbox."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

from sandbox.interpreter import PROJECT, own_binds, own_program
from sandbox.spec import Level, Spec


def test_an_algorithm_on_the_path_of_its_caller_can_be_imported(tmp_path):
    environment = {"PYTHONPATH": os.pathsep.join(("/plugins", str(PROJECT), ""))}
    spec = own_program(Spec(tmp_path, environment=environment), Level.WALLED, "unused")
    assert spec.environment["PYTHONPATH"].split(os.pathsep) == [str(PROJECT), "/plugins"]


@pytest.fixture
def path(monkeypatch):
    """Puts folders before the import path; what is shown of it is worked out anew."""
    yield lambda *folders: (monkeypatch.setattr(sys, "path", [*map(str, folders), *sys.path]), own_binds.cache_clear())
    own_binds.cache_clear()


@pytest.mark.parametrize("folder", [Path("/"), Path.home(), Path(tempfile.gettempdir()), PROJECT.parent])
def test_a_folder_that_holds_far_more_than_packages_is_not_shown(path, folder):
    path(folder)
    assert folder not in [bind.source for bind in own_binds()]


def test_a_folder_of_packages_is_shown_unless_the_sandbox_is_in_it(path, tmp_path):
    (tmp_path / "packages").mkdir()
    path(tmp_path / "packages")
    visible, inside = (Spec(tmp_path / name) for name in ("job", "packages/job"))
    sources = [[bind.source for bind in own_program(spec, Level.WALLED, "unused").binds] for spec in (visible, inside)]
    assert tmp_path / "packages" in sources[0] and tmp_path / "packages" not in sources[1]
