"""SIGSTOP of every process: each is noticed, killed with a line that says so, and started again."""

import os
import signal
import urllib.request

import pytest

from console.supervisor.options import NAMES
from tests.waiting import LIMIT, wait_for

pytestmark = pytest.mark.kill
SERVERS = ("web", "live", "engine", "gateway", "notebooks")
PROBES = {"valkey": "PING", "store": "GET /healthz"} | dict.fromkeys(SERVERS, "with a heartbeat or to GET /healthz")


def test_every_process_that_hangs_is_started_again(stack):
    """All at once, for each is waited for by itself and the store for half a minute."""
    hung = {name: stack.pid(name) for name in NAMES}
    for pid in hung.values():
        os.kill(pid, signal.SIGSTOP)
    for name, pid in hung.items():
        stack.wait_for_restart(name, pid)
    wait_for(lambda: stack.state().get("ready"), "all of them to be ready", stack.tail)
    log = stack.log.read_text()
    for name in NAMES:
        assert f"{name} does not answer {PROBES.get(name, 'with a heartbeat for')}" in log, log
    with urllib.request.urlopen(f"{stack.web}/login/", timeout=LIMIT) as answer:
        assert answer.status == 200
