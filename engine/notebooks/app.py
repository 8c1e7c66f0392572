"""The origin of notebook instances: exchanges links for cookies, checks each request, and forwards it."""

import html
import logging
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote, urlsplit

import aiohttp
from aiohttp import web
from django.conf import settings
from redis.exceptions import RedisError

from common.db.redis_client import redis
from engine.http.caller import in_database
from engine.notebooks import access, links
from engine.notebooks.links import LINK_SECONDS, Pass
from engine.notebooks.proxy import Upstream

COOKIE = "sagewright-notebook"
PERSON_COOKIE = "sagewright-notebooks-of"  # whose notebooks this browser has open: one person's at a time
USED = "sagewright:notebook-link:"  # and a nonce, in Redis: the link was used
INSTANCE = r"[a-z0-9-]{1,63}\.nb\d{1,19}"  # the label of links.origin_of
UNSAFE = re.compile(r"(^|/)\.\.?(/|$)|[\x00-\x1f\\]")
log = logging.getLogger(__name__)
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1><p>{text}</p>{form}<p><a href="{url}">Go to the notebook in Sagewright</a></p></html>"""
NOT_RUNNING = ("The notebook is not running", "It was stopped, or it is starting. Its page says so, and starts it.")
OTHERS = (
    "Notebooks of another person are open in this browser. What a notebook shows could act in theirs. Close their tabs "
    "first. When you go on, they need a new link."
)
FORM = '<form method="post"><button>Close theirs and open this one</button></form>'


class Origin:
    """The web application, over `find`, which knows the way to the instance with a given id while it runs."""

    def __init__(self, find: Callable[[int], Upstream | None]):
        self.find = find
        before, *after = links.address().split(links.PLACEHOLDER)
        self.known = re.compile(re.escape(before) + "".join(INSTANCE + re.escape(part) for part in after))
        self.scheme = urlsplit(links.address()).scheme

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(client_max_size=0)
        app.on_response_prepare.append(_add_headers)
        app.router.add_get("/healthz", _healthy)
        app.router.add_route("*", "/notebook/{region}/{name}/{rest:.*}", self.answer)
        return app

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of a browser."""
        if not self.known.fullmatch(_origin(request, self.scheme)):
            return _page(request, 403, "This address is not known here", "Open the notebook by the link on its page.")
        if token := request.query.get("authToken"):
            return await self._enter(request, token)
        allowed = links.read_cookie(request.cookies.get(COOKIE, ""))
        here = links.read_person_cookie(request.cookies.get(PERSON_COOKIE, ""))
        reachable = await self._look_up(request, allowed) if allowed and here == allowed.user else None
        if allowed is None or reachable is None:
            return _page(request, 403, "Sign in to this notebook", "Your time is over, or you may not use it any more.")
        if not _is_own(request, _origin(request, self.scheme)):
            return _page(request, 403, "Refused", "The request comes from another site.")
        upstream = self.find(allowed.instance) if reachable.runs else None
        if upstream is None:
            return _page(request, 503, *NOT_RUNNING)
        try:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await upstream.forward_socket(request, self.scheme, lambda: self._may(request, allowed))
            return await upstream.forward(request, self.scheme)
        except (aiohttp.ClientError, OSError) as e:
            log.info("%s %s: JupyterLab does not answer: %s", request.method, request.path, e)
            return _page(request, 502, "JupyterLab does not answer", "Try again in a few seconds.")

    async def _enter(self, request: web.Request, token: str) -> web.StreamResponse:
        """Exchange the link for a cookie, and go on to JupyterLab, or to one file in it.

        Where all notebooks share one origin, a link that somebody sends must not bring their pages beside one's own
        notebooks: a browser has those of one person, and only a press of that person's changes whose.
        """
        allowed = links.read_link(token)
        reachable = await self._look_up(request, allowed) if allowed else None
        if allowed is None or reachable is None:
            return _page(request, 403, "This link is too old", "A link opens a notebook for five minutes, and once.")
        if not reachable.runs:
            return _page(request, 503, *NOT_RUNNING)
        here = links.read_person_cookie(request.cookies.get(PERSON_COOKIE, ""))
        pressed = request.method == "POST" and request.headers.get("Origin") == _origin(request, self.scheme)
        if here not in (None, allowed.user) and not pressed:
            return _page(request, 409, "Notebooks of another person are open", OTHERS, FORM)
        try:
            unused = await in_database(_use, allowed.nonce)
        except RedisError:
            return _page(request, 503, "Not possible right now", "Try the same link again in a few seconds.")
        if not unused:
            return _page(request, 403, "This link was used already", "A link opens a notebook once.")
        path = links.base_path(request.match_info["region"], request.match_info["name"])
        file = request.query.get("file", "")
        page = f"lab/tree/{quote(file)}" if file and not UNSAFE.search(file) and file[0] != "/" else "lab"
        response = web.Response(status=302, headers={"Location": f"{path}{page}", "Cache-Control": "no-store"})
        secure = self.scheme == "https"
        age = max(1, allowed.until - int(time.time()))
        response.set_cookie(
            COOKIE, links.cookie_of(allowed), max_age=age, path=path, httponly=True, samesite="Lax", secure=secure
        )
        person = links.person_cookie_of(allowed.user)
        response.set_cookie(
            PERSON_COOKIE, person, max_age=age, path="/notebook/", httponly=True, samesite="Lax", secure=secure
        )
        return response

    async def _may(self, request: web.Request, allowed: Pass) -> bool:
        """Whether the person may still use the instance, and it runs."""
        reachable = await self._look_up(request, allowed)
        return reachable is not None and reachable.runs

    async def _look_up(self, request: web.Request, allowed: Pass) -> access.Answer | None:
        """What is known of the instance; None unless the address names it, and the person may use it."""
        key = (allowed.instance, allowed.user)
        answer: access.Answer | None = access.cached(*key) or await in_database(access.look_up, *key)
        region, name = request.match_info["region"], request.match_info["name"]
        is_named = answer is not None and answer.name == (region, name)
        is_at_home = _origin(request, self.scheme) == links.origin_of(allowed.instance, name)
        return answer if is_named and is_at_home else None


def _origin(request: web.Request, scheme: str) -> str:
    """The origin at which the browser asks."""
    return f"{scheme}://{request.headers.get('Host', '').lower()}"


def _is_own(request: web.Request, own: str) -> bool:
    """Whether a request that may change something comes from a page of the origin `own`."""
    origin = request.headers.get("Origin")
    if request.headers.get("Upgrade", "").lower() == "websocket":
        return origin == own
    return request.method in ("GET", "HEAD") or origin in (None, own)


def _use(nonce: str) -> bool:
    """Mark a link as used; False if it was."""
    return bool(redis().set(USED + nonce, 1, nx=True, ex=LINK_SECONDS + 60))


async def _healthy(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """What every answer has; JupyterLab's own policies stay as they are."""
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers["X-Content-Type-Options"] = "nosniff"
    if "Content-Security-Policy" not in response.headers:
        response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"


def _page(request: web.Request, status: int, title: str, text: str, form: str = "") -> web.Response:
    """A page for a person that leads back to the console."""
    name = request.match_info.get("name", "")
    url = f"{settings.WEB_URL}/notebooks/{quote(name)}/"
    body = PAGE.format(title=html.escape(title), text=html.escape(text), form=form, url=html.escape(url))
    policy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'"
    # With "no-referrer" a form would name no origin.
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    reason = HTTPStatus(status).phrase
    return web.Response(status=status, reason=reason, text=body, content_type="text/html", headers=headers)
