"""Processes that tests start end with them, however a run of tests ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mortal import InterruptWhenOrphaned
from tests.stack import ROOT
from tests.waiting import wait_for

PROGRAM = """
import os, subprocess, sys
from tests.mortal import InterruptWhenOrphaned
program = subprocess.Popen(["sh", "-c", "trap 'exit 3' INT; echo $$ > started; while :; do sleep 0.05; done"])
watcher = InterruptWhenOrphaned(program.pid)
while not os.path.exists("started"): pass
if sys.argv[1] == "cancel": watcher.cancel()
os.kill(os.getpid(), 9)
"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def run(folder: Path, how: str) -> int:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", PROGRAM, how], cwd=folder, env=environment, check=False)
    return int((folder / "started").read_text())


def test_a_program_is_interrupted_when_the_process_that_started_it_is_killed(tmp_path):
    pid = run(tmp_path, "die")
    wait_for(lambda: not is_running(pid), "the program to end")


def test_a_program_that_is_watched_no_longer_goes_on(tmp_path):
    pid = run(tmp_path, "cancel")
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run(["tail", f"--pid={pid}", "-f", "/dev/null"], timeout=0.5, check=False)
    finally:
        os.kill(pid, 9)


def test_watching_can_be_cancelled_before_the_program_ends():
    with subprocess.Popen(["sleep", "30"]) as program:
        InterruptWhenOrphaned(program.pid).cancel()
        assert program.poll() is None
        program.kill()
