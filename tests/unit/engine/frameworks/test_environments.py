"""Environments with requirements: made once, beside a base that stays as it was. It asks for what the base has."""

from pathlib import Path

import pytest

from algorithms.contract import UserError
from engine.frameworks import environments
from engine.frameworks.uv import UvFailed


@pytest.fixture(scope="module")
def base():
    return environments.base()


def files(folder):
    return {str(path.relative_to(folder)): path.lstat().st_ino for path in folder.rglob("*") if not path.is_dir()}


def test_requirements_that_the_base_has_make_an_environment_of_its_files_once(base, tmp_path, settings, monkeypatch):
    before = files(base.folder)
    settings.ENVIRONMENTS_FOLDER = tmp_path
    (tmp_path / base.folder.name).symlink_to(base.folder)
    notes: list[str] = []
    environment = environments.with_requirements(["joblib>=1"], notes.append)
    again = environments.with_requirements(["joblib>=1"], notes.append)
    assert environment == again and environment.folder.parent == tmp_path and len(notes) == 1
    assert environments.site_packages(environment).is_relative_to(environment.folder)
    assert files(base.folder) == before
    assert list(tmp_path.glob("*.part")) == []


def test_a_package_that_cannot_be_had_is_the_callers_to_mend(base, tmp_path, settings, monkeypatch):
    settings.ENVIRONMENTS_FOLDER = tmp_path
    (tmp_path / base.folder.name).symlink_to(base.folder)
    monkeypatch.setenv("UV_OFFLINE", "1")
    with pytest.raises(UserError, match=r"requirements.txt cannot be installed.*sagewright-nosuch"):
        environments.with_requirements(["sagewright-nosuch==1"])
    assert list(tmp_path.glob("env-*[!.lock]")) == []


def test_half_an_install_is_gone_before_the_interpreter_runs_again(base, tmp_path, settings, monkeypatch):
    """A .pth file of a package is run by every start of the interpreter, and uv starts it outside any sandbox."""
    settings.ENVIRONMENTS_FOLDER = tmp_path
    (tmp_path / base.folder.name).symlink_to(base.folder)
    observed: list[bool] = []

    def install(*arguments: str, **_: object) -> None:
        part = Path(arguments[arguments.index("--python") + 1]).parent.parent
        left = environments.site_packages(environments.PythonEnvironment(part)) / "left.pth"
        observed.append(left.exists())
        left.write_text("import os")
        if "--offline" in arguments:
            raise UvFailed("another package has no wheel here")

    monkeypatch.setattr(environments, "run_uv", install)
    environments.with_requirements(["sagewright-nosuch==2"])
    assert observed == [False, False]


def test_no_requirements_mean_the_base_itself(base):
    assert environments.with_requirements([]) == base
