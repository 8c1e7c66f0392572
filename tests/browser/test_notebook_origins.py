"""Two notebook instances in one real browser: nothing that the pages of one leave or send reaches the other."""

import asyncio
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from engine.notebooks import access, app, links

pytestmark = pytest.mark.browser
HERS = SimpleNamespace(pk=1, owner_id=7, region="us-east-1", name="Work")
HIS = SimpleNamespace(pk=2, owner_id=8, region="us-east-1", name="work")
LEAVE = """async () => {
  for (const domain of ["", "; domain=localhost", "; domain=nb1.localhost", "; domain=work.nb2.localhost"])
    document.cookie = "left=here; path=/" + domain;
  localStorage.left = "here";
  await navigator.serviceWorker.register("lab/worker.js", {scope: "lab/"}).catch(() => null);
}"""
FIND = """async () => {
  const workers = await navigator.serviceWorker.getRegistrations();
  return [document.cookie, localStorage.left ?? null, workers.length];
}"""
ASK = """async url => {
  try { return (await fetch(url, {credentials: "include", mode: "cors"})).status } catch { return "refused" }
}"""


class Jupyter:
    """Answers as an instance would, and remembers who asked."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []

    async def forward(self, request, _scheme):
        self.requests.append((request.method, request.path))
        kind = "text/javascript" if request.path.endswith(".js") else "text/html"
        return web.Response(text="" if kind == "text/javascript" else "<title>Lab</title>", content_type=kind)


@pytest.fixture
def instances(monkeypatch, settings) -> Iterator[dict[int, Jupyter]]:
    """HERS and HIS, whose names differ in case alone, behind the real origin on a port."""
    behind, used, port = {1: Jupyter(), 2: Jupyter()}, set[str](), unused_port()
    settings.NOTEBOOKS_URL = f"http://{{instance}}.localhost:{port}"

    async def in_database(verb, *arguments):
        return verb(*arguments)

    def look_up(instance, user):
        row = next((row for row in (HERS, HIS) if (row.pk, row.owner_id) == (instance, user)), None)
        return access.Answer((row.region, row.name) if row else None, 0.0)

    monkeypatch.setattr(app, "in_database", in_database)
    monkeypatch.setattr(access, "look_up", look_up)
    monkeypatch.setattr(access, "cached", lambda *_: None)
    monkeypatch.setattr(app, "_use", lambda nonce: nonce not in used and not used.add(nonce))
    loop = asyncio.new_event_loop()
    server = TestServer(app.Origin(behind.get).application(), port=port, loop=loop)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start_server(), loop).result()
    yield behind
    asyncio.run_coroutine_threadsafe(server.close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_what_one_instance_leaves_in_a_browser_no_other_finds(instances, chromium):
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(links.one_time_url(HERS, 1800))
        assert (page.title(), page.evaluate("() => location.hostname")) == ("Lab", "work.nb1.localhost")
        page.evaluate(LEAVE)
        cookies, stored, _ = page.evaluate(FIND)
        assert (cookies.startswith("left=here"), stored) == (True, "here")
        page.goto(links.one_time_url(HIS, 1800))  # no button asks whose notebooks are open
        assert (page.title(), page.evaluate("() => location.hostname")) == ("Lab", "work.nb2.localhost")
        assert page.evaluate(FIND) == ["", None, 0]
        instances[1].requests.clear()
        hers = f"{links.origin_of(HERS.pk, HERS.name)}/notebook/us-east-1/{HERS.name}/api/kernels"
        assert page.evaluate(ASK, hers) == "refused"
        assert instances[1].requests == []  # not even asked: the cookie is that of another site
