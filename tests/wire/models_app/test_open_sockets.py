"""Every port and every socket that the processes of a running Sagewright open: who reaches it, and what it does."""

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import sockets
from tests.stack import Stack
from tests.wire.test_store_closed import NOBODY, REQUESTS, can_isolate

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
NAMES = ("web", "live", "gateway", "engine", "notebooks")
OTHERS = (
    *(
        "GET /",
        "POST /",
        "DELETE /",
        "GET /models/",
        "GET /admin/",
        "POST /endpoints/x/invocations",
        "GET /live/?topics=models",
    ),
    *("GET /stream", "GET /metrics", "GET /debug/pprof/", "PUT /bucket-of-nobody", "OPTIONS *", "TRACE /"),
)


def _answers(port: int) -> Iterator[tuple[str, int, str]]:
    """Each request without a key or a session, with status and Location of its answer; 0 when there is none."""
    for request in (*REQUESTS, *OTHERS):
        method, path = request.split(" ", 1)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request(method, path, body=b"{}" if method in ("PUT", "POST") else None)
            response = connection.getresponse()
            yield request, response.status, response.headers.get("location", "")
        except (OSError, http.client.HTTPException):
            yield request, 0, ""
        finally:
            connection.close()


def test_every_port_is_on_loopback_and_ours_to_name(stack: Stack):
    listeners = sockets.tcp_listeners(stack.processes())
    assert listeners
    assert all(listener.address.is_loopback for listener in listeners), listeners
    ports = {urlsplit(stack.address(name)).port for name in NAMES}
    if can_isolate():
        assert {listener.port for listener in listeners} == ports


def test_no_port_does_anything_for_a_request_without_a_key(stack: Stack):
    for port in {listener.port for listener in sockets.tcp_listeners(stack.processes())}:
        for request, status, location in _answers(port):
            path = request.split()[1].partition("?")[0]
            elsewhere = status in (301, 302) and urlsplit(location).path in ("/login/", "/admin/login/", f"{path}/")
            assert elsewhere or not 200 <= status < 400, (port, request, status, location)


def test_no_socket_is_open_to_another_user(stack: Stack):
    listeners = sockets.unix_listeners(stack.processes())
    names = {Path(listener.path).name for listener in listeners}
    assert {"valkey.sock", "s3.sock"} <= names
    for listener in listeners:
        assert listener.path.startswith("/"), f"{listener} has no permissions: any user may connect"
        assert sockets.is_private(Path(listener.path)), listener


@pytest.mark.skipif(os.getuid() != 0, reason="only root can try as another user")
def test_another_user_connects_to_none_of_the_sockets(stack: Stack):
    paths = sorted({listener.path for listener in sockets.unix_listeners(stack.processes())})
    code = (
        "import socket, sys\n"
        "for path in sys.argv[1:]:\n"
        "    try: socket.socket(socket.AF_UNIX).connect(path)\n"
        "    except PermissionError: continue\n"
        "    sys.exit(f'{path} is open')"
    )
    done = subprocess.run([*NOBODY, sys.executable, "-I", "-c", code, *paths], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
