"""The control plane's process: a WSGI callable in threads, apart from Django's URLs and middleware."""

import os
from http import HTTPStatus
from urllib.parse import quote

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import close_old_connections  # noqa: E402

from common.http.wsgi import WsgiServer  # noqa: E402
from engine.services import load_contracts  # noqa: E402
from engine.services.dispatch import respond  # noqa: E402
from engine.wire.errors import AwsError  # noqa: E402
from engine.wire.http import MAX_BODY, HttpRequest, HttpResponse  # noqa: E402
from engine.wire.protocols import protocol_of  # noqa: E402

MAX_DRAINED = 64 * 1024 * 1024  # read this much of a body that is too long, so that its sender can read why
CHUNK = 64 * 1024

load_contracts()


def application(environ, start_response):
    """GET /healthz answers 200; everything else is an AWS call."""
    if environ["PATH_INFO"] == "/healthz" and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
        return _send(HttpResponse(200, b"ok\n", {"Content-Type": "text/plain"}), environ, start_response)
    close_old_connections()
    try:
        response = _respond(environ)
    finally:
        close_old_connections()
    return _send(response, environ, start_response)


def _respond(environ) -> HttpResponse:
    body = _body(environ)
    path, _, query = environ["RAW_URI"].partition("?") if "RAW_URI" in environ else _rebuild_path(environ)
    request = HttpRequest(environ["REQUEST_METHOD"], path, query, _headers(environ), body or b"")
    if body is None:
        text = f"The request is longer than {MAX_BODY} bytes, the most this service takes. Send less at once."
        return protocol_of(request).error(AwsError(text, "RequestEntityTooLargeException", 413), "-", request)
    return respond(request)


def _send(response: HttpResponse, environ, start_response) -> list[bytes]:
    headers = {**response.headers, "Content-Length": str(len(response.body))}
    start_response(f"{response.status} {HTTPStatus(response.status).phrase}", list(headers.items()))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body]


def _headers(environ) -> dict[str, str]:
    headers = {k[5:].replace("_", "-").lower(): v for k, v in environ.items() if k.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers


def _rebuild_path(environ) -> tuple[str, str, str]:
    """Path and query from a server that does not hand on the raw address."""
    return quote(environ["PATH_INFO"].encode("latin-1"), safe="/~"), "?", environ.get("QUERY_STRING", "")


def _body(environ) -> bytes | None:
    """The whole body, or None when it is too long."""
    length = environ.get("CONTENT_LENGTH")
    remaining = min(int(length), MAX_DRAINED) if length else MAX_DRAINED if environ.get("wsgi.input_terminated") else 0
    chunks, total = [], 0
    while remaining > 0 and (chunk := environ["wsgi.input"].read(min(CHUNK, remaining))):
        remaining, total = remaining - len(chunk), total + len(chunk)
        if total <= MAX_BODY:
            chunks.append(chunk)
    return b"".join(chunks) if total <= MAX_BODY else None


server = WsgiServer(application, settings.ENGINE_THREADS, "/healthz")
