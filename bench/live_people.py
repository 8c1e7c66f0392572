"""Many people with a live page open, who all ask for it again whenever a row changes.

    python -m bench.live_people [--people 200] [--changes 10] [--every 5] [--page /models/] [--topic models]

Starts a stack of its own. Each person holds a stream and, at each nudge, asks for the page as static/live.js makes htmx
do it. Prints how long the answers took from the nudge on, and the memory of web and live before and after.
"""

import argparse
import asyncio
import html
import re
import subprocess
import sys
import time

import aiohttp

from bench.slow_clients import memory_of
from bench.uploads import Browser
from tests.stack import ROOT, Stack

NUDGE = "import django, sys; django.setup(); from common.db.nudge import nudge; [nudge(t.strip()) for t in sys.stdin]"


def main() -> None:
    parser = argparse.ArgumentParser(description="Many people on live pages.")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--changes", type=int, default=10)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two changes")
    parser.add_argument("--page", default="/models/")
    parser.add_argument("--topic", default="models")
    options = parser.parse_args()
    with Stack() as stack:
        browser = Browser(stack)
        page = browser.ask("GET", options.page).decode()
        stream = html.unescape(re.search(r'data-live="([^"]+)"', page)[1]) + f"&topics={options.topic}"
        before = {name: memory_of(stack.pid(name)) for name in ("web", "live")}
        environment = stack.state()["environment"] | {"DJANGO_SETTINGS_MODULE": "console.settings"}
        with subprocess.Popen(
            [sys.executable, "-c", NUDGE], cwd=ROOT, env=environment, stdin=subprocess.PIPE, text=True
        ) as nudger:
            taken = asyncio.run(_people(options, stack.web, stream, browser, nudger))
            nudger.stdin.close()
        expected = options.people * options.changes
        print(f"{options.people} people, {len(page) / 1024:.0f} KB a page: {len(taken)} answers of {expected}")
        print(f"seconds from the nudge: {_figures([since_nudge for since_nudge, _ in taken])}")
        print(f"seconds of an answer:   {_figures([seconds for _, seconds in taken])}")
        for name, megabytes in before.items():
            print(f"{name}: {megabytes:.0f} MB before, {memory_of(stack.pid(name)):.0f} MB after")


def _figures(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    shares = ((share, ordered[min(len(ordered) - 1, len(ordered) * share // 100)]) for share in (50, 95, 99))
    return ", ".join(f"p{share} {value:.2f}" for share, value in shares) + f", longest {ordered[-1]:.2f}"


async def _people(
    options, web: str, stream: str, browser: Browser, nudger: subprocess.Popen
) -> list[tuple[float, float]]:
    """(seconds since the nudge, seconds since the page asked) of each answer, for all people and changes."""
    taken: list[tuple[float, float]] = []
    nudged_at = time.monotonic()
    cookies = {cookie.name: cookie.value for cookie in browser.cookies}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookies=cookies, timeout=aiohttp.ClientTimeout()) as session:

        async def person(listening: asyncio.Event) -> None:
            async with session.get(stream, headers={"Origin": web}) as events:
                assert events.status == 200, await events.text()
                async for line in events.content:
                    if line.startswith(b"retry"):
                        listening.set()
                    if line.startswith(b"data"):
                        nudged, began = nudged_at, time.monotonic()
                        async with session.get(web + options.page, headers={"HX-Request": "true"}) as answer:
                            assert answer.status == 200
                            await answer.read()
                        now = time.monotonic()
                        taken.append((now - nudged, now - began))

        opened = [asyncio.Event() for _ in range(options.people)]
        people = [asyncio.create_task(person(event)) for event in opened]
        await asyncio.wait_for(asyncio.gather(*(event.wait() for event in opened)), 60)
        for _ in range(options.changes):
            nudged_at = time.monotonic()
            print(options.topic, file=nudger.stdin, flush=True)
            await asyncio.sleep(options.every)
        for task in people:
            task.cancel()
        await asyncio.gather(*people, return_exceptions=True)
    return taken


if __name__ == "__main__":
    main()
