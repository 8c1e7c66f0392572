"""A process of the tests that ends in the middle costs the test that it ran, and no other."""

import os
import subprocess
import sys

from tests.stack import ROOT

CONFTEST = "from tests.dealer import pytest_handlecrashitem, pytest_xdist_make_scheduler"
MORTAL = """
import os, pathlib
def test_before(): pass
def test_killed():
    with pathlib.Path("runs").open("a") as file: file.write("x")
    os.kill(os.getpid(), 9)
"""
AFTER = "def test_after(): pass"
OTHER = "import time\ndef test_one(): time.sleep(1)\ndef test_two(): pass"


def run(folder, processes: int, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:django",
        "-n",
        str(processes),
        "--rootdir",
        ".",
    ]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (folder / "runs").read_text() == "x", "a test that ends its process is not run again"
    assert "test_a.py::test_killed', with the code -9\n" in done.stdout
    return done.stdout


def test_one_test_that_is_left_is_run(tmp_path):
    assert "1 failed, 2 passed" in run(tmp_path, 1, conftest=CONFTEST, test_a=f"{MORTAL}\n{AFTER}")


def test_nothing_may_be_left(tmp_path):
    assert "1 failed, 1 passed" in run(tmp_path, 1, conftest=CONFTEST, test_a=MORTAL)


def test_processes_that_go_on_take_the_rest(tmp_path):
    output = run(tmp_path, 2, conftest=CONFTEST, test_a=f"{MORTAL}\n{AFTER}", test_b=OTHER)
    assert "1 failed, 4 passed" in output
