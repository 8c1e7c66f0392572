"""Starting and stopping the whole: once, twice, by Ctrl-C, by kill -9."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.kill.jobs import Jobs
from tests.stack import ROOT, Stack
from tests.waiting import LIMIT, wait_for

pytestmark = pytest.mark.kill


def test_from_first_start_to_the_death_of_the_supervisor_and_back():
    """One story in one test, for each start costs seconds."""
    with Stack(empty=True) as stack:
        assert stack.password
        assert f"export AWS_ACCESS_KEY_ID={stack.exports['AWS_ACCESS_KEY_ID']}" in stack.log.read_text()
        with urllib.request.urlopen(f"{stack.web}/healthz/", timeout=LIMIT) as answer:
            assert answer.status == 200
        _only_loopback(stack)
        _private(stack)

        refused = _up(stack)
        assert refused.returncode == 1
        assert f"already runs on {stack.data} (process {stack.process.pid})" in refused.stderr

        jobs = Jobs(stack)
        jobs.start("half-done")
        stack.process.kill()
        stack.process.wait()
        wait_for(lambda: not stack.processes(), f"all processes to die with their supervisor: {stack.processes()}")

        stack.log.write_text("")
        stack.start()
        text = stack.log.read_text()
        assert "One-time password" not in text
        assert stack.exports["AWS_SECRET_ACCESS_KEY"] not in text
        jobs = Jobs(stack)
        jobs.wait("half-done")
        assert jobs.check("half-done") > 1

        stack.stop()  # insists that no process is left
        assert not (stack.data / "run" / "stack.json").exists()


def test_a_taken_port_is_named_before_anything_starts(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = _up(Stack(tmp_path / "data"), SAGEWRIGHT_WEB_PORT=port)
    assert refused.returncode == 1
    assert f"port {port} (web)" in refused.stderr
    assert "--free-ports" in refused.stderr


def _up(stack: Stack, **more: str) -> subprocess.CompletedProcess:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SAGEWRIGHT_")}
    return subprocess.run(
        [sys.executable, "manage.py", "up", "--free-ports"],
        cwd=ROOT,
        env=environment | {"SAGEWRIGHT_DATA": str(stack.data)} | more,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )


def _only_loopback(stack: Stack) -> None:
    """No process of the stack listens where another machine could reach it."""
    listing = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    mine = {f"pid={pid}," for pid in stack.processes()}
    ours = [line.split()[3] for line in listing.splitlines() if any(pid in line for pid in mine)]
    assert ours
    assert all(address.startswith("127.0.0.1:") for address in ours), ours


def _private(stack: Stack) -> None:
    """Nobody else can read the data folder, and no secret is on a command line."""
    assert stack.data.stat().st_mode & 0o077 == 0
    secrets = [file.read_text() for file in (stack.data / "secrets").iterdir()]
    parts = [part for secret in secrets for part in secret.split(":") if len(part) > 20]
    for pid in stack.processes():
        command = (ROOT / f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        assert not any(part in command for part in parts)


def test_ctrl_c_while_it_still_starts_leaves_nothing(tmp_path):
    stack = Stack(tmp_path / "data")
    stack.data.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SAGEWRIGHT_")}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up", "--free-ports"],
        cwd=ROOT,
        env=environment | {"SAGEWRIGHT_DATA": str(stack.data)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_for(lambda: len(stack.processes()) > 3, "the first processes")
    process.send_signal(signal.SIGINT)
    assert process.wait(LIMIT) == 0
    assert not stack.processes()
