"""The origin of notebooks answers only who has a link, and a browser has the notebooks of one person at a time."""

import asyncio
from types import SimpleNamespace

import pytest
from aiohttp import ClientError, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer, unused_port

from engine.notebooks import access, app, links
from engine.notebooks.proxy import Upstream

HERS = SimpleNamespace(pk=1, owner_id=7, region="us-east-1", name="hers")
HIS = SimpleNamespace(pk=2, owner_id=8, region="us-east-1", name="his")


class Jupyter:
    """Answers as the instance would."""

    async def forward(self, _request, _scheme):
        return web.Response(text="the notebook")


@pytest.fixture
def browse(monkeypatch, settings):
    """Runs a scenario with a browser on an origin that has HERS of person 7 and HIS of person 8."""
    used: set[str] = set()

    async def in_database(verb, *arguments):
        return verb(*arguments)

    def look_up(instance, user):
        row = next((row for row in (HERS, HIS) if (row.pk, row.owner_id) == (instance, user)), None)
        return access.Answer((row.region, row.name) if row else None, 0.0)

    monkeypatch.setattr(app, "in_database", in_database)
    monkeypatch.setattr(access, "look_up", look_up)
    monkeypatch.setattr(access, "cached", lambda *_: None)
    monkeypatch.setattr(app, "_use", lambda nonce: nonce not in used and not used.add(nonce))

    def run(scenario, host: str = "127.0.0.1"):
        async def main():
            port = unused_port()
            settings.NOTEBOOKS_URL = f"http://{host}:{port}"
            server = TestServer(app.Origin(lambda _instance: Jupyter()).application(), port=port)
            async with TestClient(server, cookie_jar=CookieJar(unsafe=True)) as client:
                await scenario(client, settings.NOTEBOOKS_URL)

        asyncio.run(main())

    return run


async def enter(client, row, method: str = "GET", **headers: str) -> int:
    url = links.one_time_url(row, 1800).partition("/notebook/")[2]
    async with client.request(method, f"/notebook/{url}", headers=headers, allow_redirects=False) as answer:
        return answer.status


async def read(client, row, method: str = "GET", **headers: str) -> int:
    async with client.request(method, f"/notebook/us-east-1/{row.name}/lab", headers=headers) as answer:
        return answer.status


def test_a_link_of_another_person_does_not_open_beside_ones_own(browse):
    async def scenario(client, origin):
        assert await read(client, HERS) == 403
        assert await enter(client, HERS) == 302
        assert await read(client, HERS) == 200
        assert await read(client, HIS) == 403
        assert await enter(client, HIS) == 409  # a link that he sent her
        assert await enter(client, HIS, "POST", Origin="http://evil.example") == 409
        assert (await read(client, HERS), await read(client, HIS)) == (200, 403)
        assert await enter(client, HIS, "POST", Origin=origin) == 302  # she pressed the button
        assert (await read(client, HERS), await read(client, HIS)) == (403, 200)

    browse(scenario)


def test_the_cookie_of_a_notebook_is_nothing_without_its_person(browse):
    async def scenario(client, origin):
        assert await enter(client, HERS) == 302
        client.session.cookie_jar.clear(lambda cookie: cookie.key == app.PERSON_COOKIE)
        assert await read(client, HERS) == 403

    browse(scenario)


def test_each_instance_has_an_origin_of_its_own(browse):
    async def scenario(client, template):
        hers, his = (template.removeprefix("http://").replace("{instance}", one) for one in ("hers.nb1", "his.nb2"))
        assert links.origin_of(HERS.pk, "Hers") == f"http://{hers}"
        assert await enter(client, HERS, Host=his) == 403
        assert await enter(client, HERS, Host=hers) == 302
        assert await read(client, HERS, Host=hers) == 200
        for host in (his, hers.replace("nb1", "nb3"), "evil.example", template.removeprefix("http://")):
            assert await read(client, HERS, Host=host) == 403, host
        assert await read(client, HERS, "PUT", Host=hers, Origin=f"http://{his}") == 403
        assert await read(client, HERS, "PUT", Host=hers, Origin=f"http://{hers}") == 200

    browse(scenario, "{instance}.localhost")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://{instance}.Example.org:443/", "https://hers.nb1.example.org"),
        ("http://Notebooks.example.org:80", "http://notebooks.example.org"),
        ("https://{instance}.example.org:8443", "https://hers.nb1.example.org:8443"),
    ],
)
def test_an_origin_is_named_as_browsers_name_it_however_the_setting_does(settings, url, origin):
    settings.NOTEBOOKS_URL = url
    assert links.origin_of(HERS.pk, "Hers") == origin
    assert app.Origin(lambda _: None).known.fullmatch(origin)


def test_an_answer_that_breaks_off_is_cut_and_not_followed_by_another(tmp_path):
    async def break_off(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun")
        await writer.drain()
        writer.close()

    async def main() -> bytes:
        async with await asyncio.start_unix_server(break_off, tmp_path / "socket"):
            upstream = Upstream(str(tmp_path / "socket"), "token", "/notebook/us-east-1/hers/")
            application = web.Application()

            async def answer(request):
                try:
                    return await upstream.forward(request, "http")
                except (OSError, ClientError):  # what Origin.answer does
                    return app._page(request, 502, "JupyterLab does not answer", "")

            application.router.add_get("/{rest:.*}", answer)
            async with TestServer(application) as server:
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                received = b""
                try:
                    while part := await asyncio.wait_for(reader.read(65536), 2):
                        received += part
                except (ConnectionError, TimeoutError):
                    pass
                writer.close()
            await upstream.close()
        return received

    received = asyncio.run(main())
    assert received.count(b"HTTP/1.1") <= 1 and b"does not answer" not in received
