"""Routes each request by the service it was signed for, then by its path."""

import logging

import aiohttp

from engine.auth import signed_request
from engine.auth.errors import service_kind
from engine.gateway import control
from engine.http.errors import send_error
from engine.http.request import ClientDisconnected, Request
from engine.s3 import app as s3
from engine.s3 import backend
from engine.serving import app as serving
from engine.wire.errors import AwsError, unavailable

READY = "/readyz"  # for proxies: 503 as long as requests would wait for models; the process is healthy before
log = logging.getLogger(__name__)
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=600)


class Gateway:
    """The ASGI app, with pools of outgoing connections for its lifespan: to the control plane and to the store."""

    control: aiohttp.ClientSession
    store: aiohttp.ClientSession

    async def __call__(self, scope, receive, send) -> None:
        """Answer one ASGI event: `lifespan`, an invocation, a request of S3 or of the control plane."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        request = Request(scope, receive, send)
        service = signed_request.service_of(request.query, request.headers)
        if service != "s3" and serving.is_invocation(request.path):
            await serving.answer(request)
            return
        try:
            await self._route(request, service)
        except AwsError as error:
            await send_error(request, error, service, request.cors)
        except ClientDisconnected:
            return
        except Exception as e:
            fault = unavailable(e)
            if not fault:
                log.exception("%s %s failed", request.method, request.path)
                fault = AwsError("We encountered an internal error. Please try again.", "InternalError", 500)
            await send_error(request, fault, service)

    async def _route(self, request: Request, service: str) -> None:
        if service_kind(service, request.path, request.headers) != "s3":
            await control.forward(request, self.control)
        elif not service and request.path == "/healthz" and request.method in ("GET", "HEAD"):
            await request.answer(200, [(b"content-type", b"text/plain")], b"ok")
        elif not service and request.path == READY and request.method in ("GET", "HEAD"):
            warm = serving.is_warm()
            await request.answer(
                200 if warm else 503, [(b"content-type", b"text/plain")], b"ok" if warm else b"loading"
            )
        else:
            await s3.answer(request, self.store)

    async def _lifespan(self, receive, send) -> None:
        await receive()
        async with (
            _session(aiohttp.TCPConnector(limit=0, keepalive_timeout=30)) as self.control,
            _session(backend.connector()) as self.store,
            serving.running(),
        ):
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def _session(connector: aiohttp.BaseConnector) -> aiohttp.ClientSession:
    """Return a session that passes on what it is given, and nothing of its own."""
    return aiohttp.ClientSession(
        connector=connector,
        timeout=TIMEOUT,
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


app = Gateway()
