"""The process that forks the members: how it ends, and its twins."""

import os
import socket
import subprocess
import sys

import pytest

from engine.jobs.child import Zygote
from engine.jobs.folder import MemberFolder
from tests.stack import ROOT
from tests.waiting import wait_for

# The worker that it serves has ended, too, so the signal of its death comes while Python is being left.
LATE = """
import os, signal, threading
def load(): threading._register_atexit(os.kill, os.getpid(), signal.SIGTERM)
"""


def test_a_signal_to_end_while_it_ends_is_no_error(tmp_path):
    (tmp_path / "late.py").write_text(LATE)
    control, remote = socket.socketpair()
    command = [sys.executable, "-m", "engine.jobs.zygote", str(os.getpid()), str(remote.fileno()), "late:load"]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    with remote:
        zygote = subprocess.Popen(
            command, env=environment, stderr=subprocess.PIPE, pass_fds=[remote.fileno()], text=True
        )
    control.close()
    _, errors = zygote.communicate()
    assert (zygote.returncode, errors) == (0, "")


def test_a_twin_has_what_the_first_has_loaded_and_outlives_it(tmp_path):
    def say_which(zygote: Zygote, name: str) -> str:
        member, output = MemberFolder(tmp_path / name), tmp_path / f"{name}.out"
        member.create()
        member.write_start("tests.unit.engine.jobs.inmate:main", {}, 0, steps=["loaded"])
        with output.open("wb") as out:
            child = zygote.spawn(member.root, out.fileno(), 0, lambda: None)
        assert wait_for(lambda: child.poll() is not None, "the member to end") and child.exit_code == 0
        return output.read_text().strip()

    first = Zygote(("tests.unit.engine.jobs.inmate:load",))
    twin, other = Zygote((), first), Zygote((), first)
    try:
        assert say_which(twin, "one") == str(first.process.pid)
        first.process.kill()
        first.process.wait()
        assert say_which(twin, "two") == say_which(other, "three") == str(first.process.pid)
        assert twin.process.pid != other.process.pid
    finally:
        for zygote in (twin, other, first):
            zygote.close()
    with pytest.raises(OSError):
        Zygote((), first)
