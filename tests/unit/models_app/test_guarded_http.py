"""A webhook's request: where it may go, what of the answer counts, how long it takes."""

import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from models_app.notifications import guarded_http
from models_app.notifications.guarded_http import Forbidden, is_public
from tests.waiting import STEP

INSIDE = (
    "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
    "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "255.255.255.255",
    "::127.0.0.1", "::ffff:0:7f00:1", "fec0::1", "64:ff9b:1::a00:1",
)  # fmt: skip


@pytest.fixture
def receiver():
    """A server on this machine that redirects; `receiver.paths` are what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.server.paths.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(307)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.paths = []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_only_addresses_of_the_internet_are_public():
    assert [address for address in INSIDE if is_public(address)] == []
    assert is_public("93.184.216.34") and is_public("2606:2800:220:1:248:1893:25c8:1946")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "[::1]"])
def test_this_machine_is_refused_however_it_is_spelled(host):
    with pytest.raises((Forbidden, OSError)):
        guarded_http.post(f"https://{host}/", b"{}", {})


@pytest.mark.parametrize("host", ["a..example", f"{'a' * 64}.example"])
def test_a_name_that_no_look_up_takes_is_refused_when_it_is_written(host):
    with pytest.raises(Forbidden):
        guarded_http.check_url(f"https://{host}/hook", ())


def test_a_name_with_one_inner_address_is_refused_and_resolved_once(monkeypatch):
    calls = []

    def resolve(host, port, **_):
        calls.append(host)
        return [(2, 1, 6, "", (address, port)) for address in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(Forbidden):
        guarded_http.post("https://rebinds.example/", b"{}", {})
    assert calls == ["rebinds.example"]


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    connected = []

    def connect(address, timeout):
        connected.append(address)
        raise OSError("stop here")

    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_: [(2, 1, 6, "", ("93.184.216.34", port))])
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OSError, match="stop here"):
        guarded_http.post("https://fine.example/hook", b"{}", {})
    assert connected == [("93.184.216.34", 443)]


def test_an_allowed_host_is_asked_and_its_redirect_not_followed(receiver):
    url = f"http://127.0.0.1:{receiver.server_port}/hook?a=b"
    assert guarded_http.post(url, b"{}", {}, ("127.0.0.1",)) == 307
    assert receiver.paths == ["/hook?a=b"]
    with pytest.raises(Forbidden):
        guarded_http.post(url, b"{}", {}, ("another",))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_answers_a_byte_at_a_time_is_cut_off(monkeypatch, scheme):
    monkeypatch.setattr(guarded_http, "ALL", 0.3)
    over = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            while not over.wait(0.05):
                with suppress(OSError):
                    connection.send(b"\x16")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        begun = time.monotonic()
        with pytest.raises(OSError):
            guarded_http.post(f"{scheme}://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, ("127.0.0.1",))
        over.set()
        thread.join()
    assert time.monotonic() - begun < STEP  # it would go on for ever
