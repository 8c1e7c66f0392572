"""The servers' limits for slow clients, and WSGI behind an event loop, on real sockets."""

import asyncio
import contextlib
import http.client
import socket
import threading
import time

import pytest
import uvicorn

from common.http import protocol, wsgi
from common.http.protocol import Protocol
from common.http.wsgi import WsgiServer
from tests.waiting import LIMIT, wait_for

THREADS = 2
MIB = 2**20


class App:
    """A WSGI application whose paths say what it does. `entered` counts the requests that reached a thread."""

    def __init__(self):
        self.entered, self.closed, self.environ = 0, 0, {}
        self.free = threading.Event()

    def __call__(self, environ, start_response):
        self.entered += 1
        self.environ = environ
        path = environ["PATH_INFO"]
        body = environ["wsgi.input"].read() if environ["REQUEST_METHOD"] == "POST" else b""
        if path == "/wait":
            self.free.wait(LIMIT)
        if path == "/fail":
            raise RuntimeError("as asked")
        start_response("200 OK", [("Content-Type", "text/plain")])
        if path == "/large":
            return Blocks(self, 64)
        return [str(len(body)).encode()]


class Blocks:
    """A response of so many blocks of a MiB."""

    def __init__(self, app, count):
        self.app, self.blocks = app, iter([b"x" * MIB] * count)

    def __iter__(self):
        return self.blocks

    def close(self):
        self.app.closed += 1


@pytest.fixture
def limits(monkeypatch):
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(protocol, name, 0.5)
    monkeypatch.setattr(protocol, "TICK", 0.1)


@pytest.fixture
def app():
    return App()


@pytest.fixture
def port(app):
    """The port of a server that runs `app` in a thread of this process."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            WsgiServer(app, THREADS, "/healthz"), http=Protocol, ws="none", log_config=None, timeout_keep_alive=75
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        wait_for(lambda: server.started, "the server to listen")
        yield listener.getsockname()[1]
        app.free.set()
        server.should_exit = server.force_exit = True
        thread.join(LIMIT)


def ask(port, method="GET", path="/", body=None, headers=None, timeout=LIMIT):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    with contextlib.closing(connection):
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()


@contextlib.contextmanager
def slow(port, beginning, clients=1, receive=None):
    """Connections that have sent `beginning`."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(clients)]
        for client in sockets:
            if receive:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
            client.connect(("127.0.0.1", port))
            client.sendall(beginning)
        yield sockets


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n" + b"x" * (2 * wsgi.SMALL),
    ],
    ids=["silent", "half a head", "half a body", "half a chunk", "an answer unread", "half a large body"],
)
def test_a_hundred_slow_clients_take_no_thread_from_anybody(port, beginning):
    with slow(port, beginning, 100, receive=4096):
        for _ in range(20):
            assert ask(port, timeout=15) == (200, b"0")


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET / HTTP/1.1\r\nX: ", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc"],
    ids=["silent", "half a head", "half a body"],
)
def test_a_client_that_sends_nothing_more_is_disconnected(port, limits, beginning):
    with slow(port, beginning) as (client,):
        _read_to_the_end(client)


def test_an_empty_line_after_a_request_does_not_hold_the_connection(port, limits):
    with slow(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") as (client,):
        client.settimeout(LIMIT)
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
        client.sendall(b"\r\n")
        _read_to_the_end(client)


def _read_to_the_end(client):
    client.settimeout(LIMIT)
    with contextlib.suppress(ConnectionResetError):
        while client.recv(65536):
            pass


def test_a_body_that_trickles_is_too_slow(port, limits, app):
    with slow(port, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n") as (client,):

        def trickle():
            client.sendall(b"x")
            time.sleep(0.05)

        with pytest.raises(OSError):
            for _ in range(int(LIMIT / 0.05)):
                trickle()
    assert app.entered == 0


def test_an_answer_that_nobody_reads_ends_and_is_closed(port, limits, app):
    with slow(port, b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n", receive=4096):
        wait_for(lambda: app.closed == 1, "the response to be closed")


def test_a_request_in_progress_and_an_idle_connection_are_left_alone(port, limits, app):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    with contextlib.closing(connection):
        threading.Timer(1.5, app.free.set).start()
        for path in ("/wait", "/"):
            connection.request("GET", path)
            response = connection.getresponse()
            assert response.read() == b"0"
            time.sleep(1.0)
        connection.request("GET", "/")
        assert connection.sock and connection.getresponse().status == 200


def test_large_bodies_and_responses_pass_whole(port, app):
    assert ask(port, "POST", body=b"x" * (3 * MIB)) == (200, str(3 * MIB).encode())
    assert ask(port, "POST", body=iter([b"x" * 1000] * 900)) == (200, b"900000")
    assert len(ask(port, path="/large")[1]) == 64 * MIB
    assert app.closed == 1


def test_health_is_answered_while_every_thread_is_busy_and_not_once_they_are_stuck(port, app, monkeypatch):
    with slow(port, b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n", THREADS + 1):
        wait_for(lambda: app.entered == THREADS, "the threads to be busy")
        assert ask(port, path="/healthz") == (200, b"ok")
        monkeypatch.setattr(wsgi, "STUCK", 0.0)
        assert ask(port, path="/healthz")[0] == 503
        app.free.set()
        wait_for(lambda: ask(port, path="/healthz")[0] == 200, "the threads to be free")


def test_the_environment_is_that_of_the_request(port, app):
    headers = {"X_Forged": "1", "X-Real": "2", "X-Forwarded-Proto": "https", "Cookie": "a=b"}
    assert ask(port, path="/a%20b/%ff?q=%20", headers=headers)[0] == 200
    environ = app.environ
    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == ("/a b/\xff", "q=%20")
    assert environ["RAW_URI"] == "/a%20b/%ff?q=%20" and environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["HTTP_X_REAL"] == "2" and "HTTP_X_FORGED" not in environ
    assert environ["wsgi.url_scheme"] == "https" and environ["HTTP_COOKIE"] == "a=b"


def test_a_failure_of_the_application_is_a_plain_500(port):
    assert ask(port, path="/fail") == (500, b"Internal Server Error")
    assert ask(port) == (200, b"0")
