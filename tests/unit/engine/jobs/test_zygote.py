"""The process that forks the members: how it ends."""

import os
import socket
import subprocess
import sys

from tests.stack import ROOT

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
