"""Two processes on one listening socket: one accepts, and when it ends the other one goes on."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT
from tests.waiting import LIMIT, wait_for

APP = """
    import os, sys
    from common.http.server import serve_in_turn

    async def app(scope, receive, send):
        while scope["type"] == "lifespan":
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
        body = str(os.getpid()).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    serve_in_turn(app, int(sys.argv[1]), *sys.argv[2:], grace=1)
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def start(listener, tmp_path) -> Iterator:
    """Starts a process and waits until it answers on its own socket."""
    with contextlib.ExitStack() as running:

        def start(name: str) -> subprocess.Popen:
            own = tmp_path / name
            command = [sys.executable, "-c", textwrap.dedent(APP), str(listener.fileno()), str(own)]
            process = subprocess.Popen([*command, str(tmp_path / "turn")], cwd=ROOT, pass_fds=[listener.fileno()])
            running.callback(process.wait)
            running.callback(process.kill)
            wait_for(lambda: _answer_on(own) == process.pid, f"{name} to answer")
            return process

        yield start


def test_a_standby_takes_over_at_once_from_one_that_is_killed(start, listener):
    first = start("first")
    second = start("second")
    assert [_answer(listener) for _ in range(5)] == [first.pid] * 5
    first.kill()
    began = time.monotonic()
    assert _answer(listener) == second.pid
    assert time.monotonic() - began < 1
    third = start("first")
    assert _answer(listener) == second.pid
    second.kill()
    assert _answer(listener) == third.pid


def test_a_connection_waits_while_no_process_accepts(start, listener):
    first = start("first")
    first.kill()
    first.wait()
    with contextlib.closing(_connect(listener)) as waiting:
        waiting.request("GET", "/")
        second = start("first")
        assert int(waiting.getresponse().read()) == second.pid


def test_one_that_is_asked_to_end_gives_its_turn_away_and_one_that_waits_ends_at_once(start, listener):
    first, second = start("first"), start("second")
    first.send_signal(signal.SIGTERM)
    assert first.wait(LIMIT) is not None
    assert _answer(listener) == second.pid
    third = start("third")
    third.send_signal(signal.SIGTERM)
    assert third.wait(LIMIT) is not None
    assert _answer(listener) == second.pid


def _connect(listener: socket.socket) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=LIMIT)


def _answer(listener: socket.socket) -> int:
    """The process that answers at the shared address."""
    with contextlib.closing(_connect(listener)) as connection:
        connection.request("GET", "/")
        return int(connection.getresponse().read())


def _answer_on(path: Path) -> int:
    """The process that answers on the unix socket `path`; 0 while none does."""
    with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
        client.settimeout(LIMIT)
        client.connect(os.fspath(path))
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        with client.makefile("rb") as answer:
            return int(answer.read().rpartition(b"\r\n")[2] or 0)
    return 0
