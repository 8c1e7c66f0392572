"""The WSGI environment of an ASGI request (PEP 3333), with its body as a blocking file."""

import asyncio
import io
import sys
from urllib.parse import unquote_to_bytes

from common.http.proxies import Networks, came_by_tls


class Body(io.RawIOBase):
    """A request's body for a thread: `first`, then what `receive` brings; nothing more once the client has gone."""

    def __init__(self, first: bytes, receive, loop: asyncio.AbstractEventLoop):
        self._block, self._receive, self._loop = memoryview(first), receive, loop

    @property
    def complete(self) -> bool:
        """True when nothing more is to be received."""
        return self._receive is None

    def readable(self) -> bool:
        """Return True, as `io.RawIOBase` asks for."""
        return True

    def readinto(self, buffer) -> int:
        """Fill `buffer` from the body and return the number of bytes; 0 at its end. Blocks until some have come."""
        while not self._block and self._receive is not None:
            message = asyncio.run_coroutine_threadsafe(self._receive(), self._loop).result()
            self._block = memoryview(message.get("body", b""))
            if not message.get("more_body", False):
                self._receive = None
        count = min(len(buffer), len(self._block))
        buffer[:count], self._block = self._block[:count], self._block[count:]
        return count


def environ_of(scope: dict, body: Body, length: int | None, proxies: Networks = ()) -> dict:
    """Return the environment of an HTTP scope; `length` is the body's in bytes, None where only the client knows it.

    `proxies` are the networks whose X-Forwarded-Proto counts, beside loopback.
    """
    raw_path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    host, port = scope.get("server") or ("localhost", 80)
    client = (scope.get("client") or ("",))[0]
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": f"{raw_path}?{query}" if query else raw_path,
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BufferedReader(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        if b"_" in raw_name:  # it would pass for the header with hyphens
            continue
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        separator = "; " if name == "COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    if length is not None and (length or "CONTENT_LENGTH" in environ):
        environ["CONTENT_LENGTH"] = str(length)
    if came_by_tls(client, environ.get("HTTP_X_FORWARDED_PROTO", ""), proxies):
        environ["wsgi.url_scheme"] = "https"
    return environ
