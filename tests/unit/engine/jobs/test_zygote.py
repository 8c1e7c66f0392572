"""The process that forks the members: how it ends, and its twins."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from engine.jobs.child import Zygote
from engine.jobs.folder import MemberFolder
from engine.jobs.zygote import TWIN
from tests.stack import ROOT
from tests.waiting import wait_for

# The worker that it serves has ended, too, so the signal of its death comes while Python is being left.
LATE = """
import os, signal, threading
def load(): threading._register_atexit(os.kill, os.getpid(), signal.SIGTERM)
"""


def start(control: socket.socket, folder: Path, preload: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "engine.jobs.zygote", str(os.getpid()), str(control.fileno()), preload]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    with control:
        return subprocess.Popen(
            command, env=environment, stderr=subprocess.PIPE, pass_fds=[control.fileno()], text=True
        )


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_signal_to_end_while_it_ends_is_no_error(tmp_path):
    (tmp_path / "late.py").write_text(LATE)
    control, remote = socket.socketpair()
    zygote = start(remote, tmp_path, "late:load")
    control.close()
    _, errors = zygote.communicate()
    assert (zygote.returncode, errors) == (0, "")


def test_a_runner_that_ends_with_messages_unread_is_no_error(tmp_path):
    control, remote = socket.socketpair()
    zygote = start(remote, tmp_path, "os:getpid")
    twin_control, twin_remote = socket.socketpair()
    with control:
        socket.send_fds(control, [TWIN], [twin_remote.fileno()])
        twin_remote.close()
        twin = json.loads(twin_control.recv(80, socket.MSG_PEEK))["zygote"]
        twin_control.close()  # the message is still unread, which resets the connection
        wait_for(lambda: has_ended(twin), "the twin to end")
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
