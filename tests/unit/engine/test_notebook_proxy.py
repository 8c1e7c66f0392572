"""The origin of notebooks in front of a server that answers as JupyterLab would: what passes, and for whom."""

import asyncio
import contextlib
import socket
import time
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web

from engine.notebooks import access, app, links, proxy
from engine.notebooks.links import Pass

PATH = "/notebook/us-east-1/work/"
OTHERS = "sessionid=the-console-s; _xsrf=x; username-localhost=y"


def cookies(**changes: str) -> str:
    """The header of person 7's browser, with another value of `pass_` or of `person`; "" leaves that cookie out."""
    values = {"pass_": links.cookie_of(Pass(3, 7, int(time.time()) + 60, "n")), "person": links.person_cookie_of(7)}
    values |= changes
    ours = [(app.COOKIE, values["pass_"]), (app.PERSON_COOKIE, values["person"])]
    return "; ".join([*(f"{name}={value}" for name, value in ours if value), OTHERS])


async def jupyter(request: web.Request) -> web.StreamResponse:
    """Echo a web socket, and break it off when it is told to; answer anything else with what arrived."""
    if request.headers.get("Upgrade", "").lower() == "websocket":
        echo = web.WebSocketResponse(protocols=["v1.kernel.websocket.jupyter.org"])
        await echo.prepare(request)
        async for message in echo:
            if message.data == "break off":
                request.transport.abort()
                break
            await echo.send_str(f"{request.headers['Authorization']} {message.data}")
        return echo
    received = {"headers": dict(request.headers), "body": (await request.read()).decode(), "path": request.raw_path}
    answer = web.json_response(received, headers={"Set-Cookie": "sessionid=stolen; Path=/"})
    answer.headers.add("Set-Cookie", f"_xsrf=new; Path={PATH}")
    return answer


@contextlib.asynccontextmanager
async def served(application: web.Application, **site):
    runner = web.AppRunner(application)
    await runner.setup()
    await (web.UnixSite(runner, site["path"]) if "path" in site else web.SockSite(runner, site["sock"])).start()
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.fixture
def person(monkeypatch):
    """Whether the person may use the instance: `person.allowed`."""
    person = SimpleNamespace(allowed=True)
    name = ("us-east-1", "work")
    monkeypatch.setattr(access, "cached", lambda *_: access.Answer(name if person.allowed else None, time.monotonic()))
    return person


@pytest.fixture
def ask(person, settings, tmp_path, monkeypatch):
    """ask(work): run `work(browser, address)` on the running origin."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(proxy, "CHECK_EVERY", 0.05)

    def run(work):
        async def main():
            behind = web.Application()
            behind.router.add_route("*", "/{any:.*}", jupyter)
            with socket.create_server(("127.0.0.1", 0)) as listening:
                settings.NOTEBOOKS_URL = f"http://127.0.0.1:{listening.getsockname()[1]}"
                async with served(behind, path="jupyter.sock"):
                    upstream = proxy.Upstream("jupyter.sock", "the-token", PATH)
                    origin = app.Origin({3: upstream}.get)
                    headers = {"Cookie": cookies()}
                    async with (
                        served(origin.application(), sock=listening),
                        aiohttp.ClientSession(headers=headers) as browser,
                    ):
                        result = await work(browser, settings.NOTEBOOKS_URL)
                    await upstream.close()
                    return result

        return asyncio.run(asyncio.wait_for(main(), 30))

    return run


def test_nothing_of_the_console_reaches_an_instance(ask):
    async def work(browser, address):
        sent = {"Authorization": "Bearer mine", "X-Forwarded-For": "1.2.3.4"}
        async with browser.put(f"{address}{PATH}api/contents/a%20b", data=b"body", headers=sent) as answer:
            return await answer.json(), answer.headers

    received, headers = ask(work)
    assert (received["path"], received["body"]) == (f"{PATH}api/contents/a%20b", "body")
    assert received["headers"]["Authorization"] == "token the-token"
    assert received["headers"]["Cookie"] == "_xsrf=x"
    assert "X-Forwarded-For" not in received["headers"]
    assert headers.getall("Set-Cookie") == [f"_xsrf=new; Path={PATH}; SameSite=Strict"]
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        (PATH, lambda: {"Cookie": ""}),
        (PATH, lambda: {"Cookie": cookies(pass_="")}),
        (PATH, lambda: {"Cookie": cookies(pass_="forged")}),
        (PATH, lambda: {"Cookie": cookies(person="")}),
        (PATH, lambda: {"Cookie": cookies(person="forged")}),
        (PATH, lambda: {"Cookie": cookies(person=links.person_cookie_of(8))}),
        (PATH, lambda: {"Host": "evil.example"}),
        ("/notebook/us-east-1/other/", dict),
        ("/notebook/eu-west-1/work/", dict),
    ],
    ids=[
        *("no cookie", "none of the notebook", "a forged one", "none of the person", "a forged one of the person"),
        *("another person's notebooks open", "another host", "another instance", "another Region"),
    ],
)
def test_who_has_no_right_gets_a_page_and_nothing_else(ask, path, changes):
    async def work(browser, address):
        async with browser.get(f"{address}{path}lab", headers=changes()) as answer:
            return answer.status, await answer.text()

    status, text = ask(work)
    assert status == 403
    assert "Go to the notebook in Sagewright" in text


def test_another_site_changes_nothing(ask):
    async def work(browser, address):
        foreign, own = [
            (await browser.post(f"{address}{PATH}api/kernels", headers={"Origin": origin})).status
            for origin in ("http://127.0.0.1:8000", address)
        ]
        return foreign, own

    assert ask(work) == (403, 200)


def test_a_web_socket_passes_with_its_protocol_and_only_from_its_own_pages(ask):
    protocol = "v1.kernel.websocket.jupyter.org"

    async def work(browser, address):
        where = f"{address}{PATH}api/kernels/1/channels"
        async with browser.ws_connect(where, protocols=[protocol], origin=address) as ws:
            await ws.send_str("hello")
            answer, agreed = (await ws.receive()).data, ws.protocol
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await browser.ws_connect(where, origin="http://127.0.0.1:8000")
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await browser.ws_connect(where)  # without an Origin: no browser
        return answer, agreed, refused.value.status

    assert ask(work) == ("token the-token hello", protocol, 403)


def test_a_web_socket_that_breaks_off_ends_with_a_code_that_browsers_accept(ask):
    """An instance that is killed sends no code; the one that aiohttp has for it may be in no frame."""

    async def work(browser, address):
        async with browser.ws_connect(f"{address}{PATH}api/kernels/1/channels", origin=address) as ws:
            await ws.send_str("break off")
            await ws.receive()
            return ws.close_code

    assert ask(work) == aiohttp.WSCloseCode.GOING_AWAY


def test_a_web_socket_ends_when_its_person_may_no_longer_use_it(ask, person):
    async def work(browser, address):
        async with browser.ws_connect(f"{address}{PATH}api/kernels/1/channels", origin=address) as ws:
            await ws.send_str("hello")
            assert (await ws.receive()).type == aiohttp.WSMsgType.TEXT
            person.allowed = False
            return (await ws.receive()).type

    assert ask(work) in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED)


def test_an_instance_that_does_not_run_says_so(ask, monkeypatch):
    async def work(browser, address):
        monkeypatch.setattr(app.links, "read_cookie", lambda _: Pass(4, 7, 2**40, "n"))
        async with browser.get(f"{address}{PATH}lab") as answer:
            return answer.status, await answer.text()

    status, text = ask(work)
    assert status == 503
    assert "not running" in text
