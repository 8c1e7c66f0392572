"""The wheel of this checkout, built once, and laid out as an installer does."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.stack import ROOT


def build(target: str, source: Path, into: Path) -> Path:
    """The one file that hatchling, our build backend, makes of `source`: target "wheel" or "sdist"."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (result,) = into.iterdir()
    return result


def read_only(folder: Path) -> list[str]:
    """The beginning of a command for which `folder` is read-only, even for root: a mount that only it sees."""
    mount = f"mount --bind '{folder}' '{folder}' && mount -o remount,bind,ro '{folder}'"
    return ["unshare", "--mount", "--map-root-user", "sh", "-c", f'{mount} && exec "$0" "$@"']


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def site(wheel, tmp_path_factory) -> Path:
    """A folder that holds what the wheel puts into site-packages."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    subprocess.run([sys.executable, "-m", "compileall", "-q", folder], check=True)  # as installers do
    return folder
