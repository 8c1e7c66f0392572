"""Forwards HTTP and web sockets to the JupyterLab of an instance, and passes on nothing that belongs to anybody else.

Whatever answers behind it is run by a person's own code and is not trusted: neither its headers nor its cookies.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie

import aiohttp
from aiohttp import WSMsgType, web
from multidict import CIMultiDict
from yarl import URL

HOP_BY_HOP = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding"),
    *("upgrade", "content-length"),
}
NOT_FORWARDED = HOP_BY_HOP | {
    *("authorization", "cookie", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"),
    *("x-real-ip", "x-scheme", "expect"),
}
# What an instance may not say of an origin that it shares: neither clear the others' data nor watch their requests.
OWN_HEADERS = {
    *("referrer-policy", "x-content-type-options", "set-cookie", "strict-transport-security", "server"),
    *("clear-site-data", "service-worker-allowed", "alt-svc", "nel", "report-to", "reporting-endpoints"),
}
JUPYTER_COOKIE = "_xsrf"  # the one cookie of Jupyter's that passes: the token of ours makes the others useless
NEVER_SENT = {1005, 1006, 1015}  # close codes that only say how a connection ended, and are invalid in a frame
HEARTBEAT = 30.0  # seconds between two pings of a web socket
CHECK_EVERY = 5.0  # seconds between two looks at whether a web socket's person may still use it
MAX_STATUS_BYTES = 4_000_000  # bytes of an answer that the keeper asks for itself; code inside may answer
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10)


class Upstream:
    """The way to one instance: an HTTP session on its socket, its token and its path."""

    def __init__(self, socket_path: str, token: str, path: str):
        self.token, self.path = token, path
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(path=socket_path, limit=0),
            timeout=TIMEOUT,
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def status(self) -> dict | None:
        """What /api/status answers: kernels, connections, last_activity; None when it does not answer."""
        return await self._get_json("api/status")

    async def kernels(self) -> list[dict]:
        """What /api/kernels answers: each kernel's execution_state among other things."""
        return await self._get_json("api/kernels?no_track_activity=1") or []

    async def forward(self, request: web.Request, scheme: str) -> web.StreamResponse:
        """Answer `request` with the answer of the instance. Raises aiohttp.ClientError when there is none."""
        body = request.content if request.can_read_body else None
        async with self._session.request(
            request.method,
            URL(f"http://localhost{request.raw_path}", encoded=True),
            headers=self._headers(request, scheme),
            data=body,
            allow_redirects=False,
        ) as answer:
            response = web.StreamResponse(
                status=answer.status, reason=answer.reason, headers=passed_on(answer.headers, self.path)
            )
            if request.method == "HEAD" or answer.status in (204, 304):
                await response.prepare(request)
                return response
            if length := answer.headers.get("Content-Length"):
                response.content_length = int(length)
            await response.prepare(request)
            try:
                async for chunk in answer.content.iter_any():
                    await response.write(chunk)
                await response.write_eof()
            except (aiohttp.ClientError, OSError):  # it has begun: a second answer would be read as its rest
                if request.transport:
                    request.transport.abort()
            return response

    async def forward_socket(
        self, request: web.Request, scheme: str, may: Callable[[], Awaitable[bool]]
    ) -> web.StreamResponse:
        """Join `request`'s web socket with one to the instance, until either closes or `may` says no."""
        protocols = [p.strip() for p in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if p.strip()]
        headers = self._headers(request, scheme)
        for name in [name for name in headers if name.lower().startswith("sec-websocket-")]:
            del headers[name]
        async with self._session.ws_connect(
            URL(f"http://localhost{request.raw_path}", encoded=True),
            protocols=protocols,
            headers=headers,
            max_msg_size=0,
            heartbeat=HEARTBEAT,
        ) as inner:
            outer = web.WebSocketResponse(
                protocols=[inner.protocol] if inner.protocol else (), max_msg_size=0, heartbeat=HEARTBEAT
            )
            await outer.prepare(request)
            pumps = [
                asyncio.ensure_future(_pump(outer, inner)),
                asyncio.ensure_future(_pump(inner, outer)),
                asyncio.ensure_future(_until_refused(may)),
            ]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
                code = inner.close_code
                await outer.close(code=code if code and code not in NEVER_SENT else aiohttp.WSCloseCode.GOING_AWAY)
            return outer

    def _headers(self, request: web.Request, scheme: str) -> CIMultiDict[str]:
        headers = CIMultiDict((n, v) for n, v in request.headers.items() if n.lower() not in NOT_FORWARDED)
        headers["Authorization"] = f"token {self.token}"
        headers["X-Forwarded-Proto"] = scheme
        if value := request.cookies.get(JUPYTER_COOKIE):
            headers["Cookie"] = f"{JUPYTER_COOKIE}={value}"
        return headers

    async def _get_json(self, path: str):
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError, ValueError):
            url = URL(f"http://localhost{self.path}{path}", encoded=True)
            headers = {"Authorization": f"token {self.token}", "Host": "localhost"}
            async with asyncio.timeout(5), self._session.get(url, headers=headers) as answer:
                body = b""
                async for part in answer.content.iter_any():
                    body += part
                    if len(body) > MAX_STATUS_BYTES:
                        return None
                return json.loads(body) if answer.status == 200 else None
        return None


def passed_on(headers, path: str) -> CIMultiDict[str]:
    """The headers of an answer that go on to the browser, of the instance at `path`."""
    passed = CIMultiDict(
        (name, value)
        for name, value in headers.items()
        if name.lower() not in HOP_BY_HOP and name.lower() not in OWN_HEADERS
    )
    for value in headers.getall("Set-Cookie", ()):
        if cookie := _jupyter_cookie(value, path):
            passed.add("Set-Cookie", cookie)
    return passed


def _jupyter_cookie(value: str, path: str) -> str:
    """Jupyter's own cookie, rebuilt, so that it can set no other cookie of the host; "" for any other."""
    try:
        morsel = SimpleCookie(value).get(JUPYTER_COOKIE)
    except CookieError:
        return ""
    if morsel is None or morsel["path"] != path:
        return ""
    return f"{JUPYTER_COOKIE}={morsel.coded_value}; Path={path}; SameSite=Strict"


async def _pump(source, target) -> None:
    async for message in source:
        if message.type == WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await target.send_bytes(message.data)
        else:
            return


async def _until_refused(may: Callable[[], Awaitable[bool]]) -> None:
    while await may():
        await asyncio.sleep(CHECK_EVERY)
