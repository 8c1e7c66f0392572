"""The locks name a wheel for every machine that we say it runs on. It asks the package index and installs nothing."""

import os
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from tests.stack import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
MACHINES = ("aarch64-apple-darwin", "aarch64-manylinux_2_28")  # the suite itself runs on x86-64
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def wheels(lock: Path, machine: str, python: str, into: Path) -> dict[str, set[str]]:
    """What an installer takes from `lock` on another machine: each package, with the hashes of the wheels that fit."""
    report = into / "pylock.toml"
    command = [Path(sys.executable).with_name("uv"), "pip", "compile", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += [
        "--python",
        sys.executable,
        "--python-platform",
        machine,
        "--python-version",
        python,
        "--format",
        "pylock.toml",
        "-o",
        report,
        lock,
    ]
    settings = {
        "UV_SYSTEM_CERTS": "1",
        "UV_NATIVE_TLS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "MACOSX_DEPLOYMENT_TARGET": "14.0",  # the oldest macOS that Faiss has a wheel for
    }
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    packages = tomllib.loads(report.read_text())["packages"]
    return {package["name"]: {wheel["hashes"]["sha256"] for wheel in package["wheels"]} for package in packages}


def hashes(lock: Path) -> dict[str, set[str]]:
    """The hashes that `lock` allows, by package; a package with a version for each Python has those of all."""
    allowed: dict[str, set[str]] = defaultdict(set)
    for entry in re.split(r"^(?=[a-z0-9])", lock.read_text(), flags=re.MULTILINE):
        allowed[re.split(r"[=\[]", entry)[0]] |= set(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
    return allowed


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_has_a_wheel_and_its_hash_for_every_package(machine, python, tmp_path):
    lock = ROOT / "requirements.lock"
    names, allowed = wheels(lock, machine, python, tmp_path), hashes(lock)
    assert [name for name in names if not names[name] & allowed[name]] == []
    assert len(names) > 60
    assert ("xgboost" in names, "xgboost-cpu" in names) == (("darwin" in machine), ("darwin" not in machine))


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_a_lock_names_versions_and_hashes_and_no_address(name):
    lines = (ROOT / name).read_text().splitlines()
    packages = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert packages and all(re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ .*\\$", line) for line in packages)
    assert not [line for line in lines if "://" in line or line.startswith("-")]


def test_both_locks_agree():
    ours, dev = (set(re.findall(r"^([a-z0-9._-]+==\S+)", (ROOT / name).read_text(), re.MULTILINE)) for name in LOCKS)
    assert ours <= dev
