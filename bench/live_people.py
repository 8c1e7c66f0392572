"""Many people with the list of models open, who all ask for it again whenever a row changes.

    python -m bench.live_people [--people 200] [--models 25] [--changes 10] [--every 5] [--zones 1]

Starts a stack of its own. Of ten people one is an administrator, three are viewers and six are editors; every second
one reads Korean, and with `--zones` they live in so many time zones. The models belong to the first of them. Each
person holds a stream and, at each nudge, asks for the list as static/live.js makes htmx do it; an answer without the
change that the nudge was about is counted as stale. Prints how long the answers took from the nudge on, the processor
time of an answer, which does not depend on what else the machine does, and the memory of web and live.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import aiohttp

from bench.slow_clients import memory_of
from tests.stack import ROOT, Stack

# Makes people and models, prints a line of JSON for each person, then changes a row for each line that it is sent.
ROWS = """
import json, sys
import django
django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from common.db.person import Person
from models_app.account import live_token
from models_app.models import Model, TrainingJob

people, models = map(int, sys.argv[1:])
users = [User.objects.create(username=f"person-{n}") for n in range(people)]
roles = ("administrator", *("viewer",) * 3, *("editor",) * 6)
Person.objects.bulk_create(Person(user=user, role=roles[n % 10]) for n, user in enumerate(users))
backend = "django.contrib.auth.backends.ModelBackend"
for user in users:
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), backend
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    print(json.dumps({"session": session.session_key, "token": live_token.issue(user.pk)}))
curve = {"round": 40, "metric": "validation:auc", "goal": "max", "value": 0.8, "best": 0.8, "best_round": 40}
curve["curve"] = [0.6 + n / 200 for n in range(40)]
for n in range(models):
    owner = users[n % people]
    row = Model.objects.create(name=f"model-{n}", owner=owner, algorithm="xgboost", data_uri="s3://data/train.csv")
    of_model = {"model": row, "owner": owner}
    row.job = TrainingJob.objects.create(
        name=f"job-{n}", status="Completed", algorithm="xgboost", progress=curve, log_done=True, **of_model
    )
    row.save()
print("ready", flush=True)
for line in sys.stdin:
    row.job.show_note(line.strip())
    print("changed", flush=True)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Many people on live pages.")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--models", type=int, default=25)
    parser.add_argument("--changes", type=int, default=10)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two changes")
    parser.add_argument("--zones", type=int, default=1, help="time zones that people live in")
    options = parser.parse_args()
    with Stack() as stack:
        environment = stack.state()["environment"] | {"DJANGO_SETTINGS_MODULE": "console.settings"}
        command = [sys.executable, "-c", ROWS, str(options.people), str(options.models)]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as rows:
            assert rows.stdin and rows.stdout
            people = [json.loads(line) for line in iter(rows.stdout.readline, "ready\n")]
            before = {name: memory_of(stack.pid(name)) for name in ("web", "live")}
            used = {name: _processor_seconds(stack.pid(name)) for name in before}
            answers = asyncio.run(_people(options, stack, people, rows))
            rows.stdin.close()
        size = sum(size for *_, size in answers) / len(answers) / 1024
        expected = options.people * options.changes
        stale = sum(not is_true for *_, is_true, _ in answers)
        print(f"{options.people} people, {size:.0f} KB a part: {len(answers)} answers of {expected}, {stale} stale")
        print(f"seconds from the nudge: {_figures([answer[0] for answer in answers])}")
        print(f"seconds of an answer:   {_figures([answer[1] for answer in answers])}")
        for name, megabytes in before.items():
            milliseconds = (_processor_seconds(stack.pid(name)) - used[name]) / len(answers) * 1000
            after = memory_of(stack.pid(name))
            print(
                f"{name}: {milliseconds:.1f} ms of a processor an answer; {megabytes:.0f} MB before, {after:.0f} after"
            )


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _figures(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    shares = ((share, ordered[min(len(ordered) - 1, len(ordered) * share // 100)]) for share in (50, 95, 99))
    return ", ".join(f"p{share} {value:.2f}" for share, value in shares) + f", longest {ordered[-1]:.2f}"


async def _people(options, stack: Stack, people: list[dict], rows) -> list[tuple[float, float, bool, int]]:
    """(seconds since the nudge, seconds since the page asked, whether it is true, bytes) of each answer.

    It is true if it shows the last change that was committed when the page asked.
    """
    answers: list[tuple[float, float, bool, int]] = []
    change, changed_at = 0, time.monotonic()
    part = {"HX-Request": "true", "HX-Trigger": "list", "HX-Target": "list"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout()
    ) as session:

        async def person(number: int, who: dict, listening: asyncio.Event) -> None:
            zone = f"Etc/GMT+{number % options.zones}"
            cookies = f"sessionid={who['session']}; language={('en', 'ko')[number % 2]}; zone={zone}"
            stream = f"{stack.live}/live/?token={who['token']}&topics=models"
            async with session.get(stream, headers={"Origin": stack.web}) as events:
                assert events.status == 200, await events.text()
                async for line in events.content:
                    if line.startswith(b"retry"):
                        listening.set()
                    if line.startswith(b"data"):
                        wanted, since, began = change, changed_at, time.monotonic()
                        async with session.get(f"{stack.web}/models/", headers=part | {"Cookie": cookies}) as answer:
                            assert answer.status == 200
                            html = await answer.text()
                        now = time.monotonic()
                        visible = int(html.rpartition("change number ")[2].partition("<")[0] or 0)
                        answers.append((now - since, now - began, visible >= wanted, len(html)))

        opened = [asyncio.Event() for _ in people]
        tabs = [asyncio.create_task(person(number, who, opened[number])) for number, who in enumerate(people)]
        await asyncio.wait_for(asyncio.gather(*(event.wait() for event in opened)), 60)
        for number in range(1, options.changes + 1):
            changed_at = time.monotonic()
            print(f"change number {number}", file=rows.stdin, flush=True)
            await asyncio.to_thread(rows.stdout.readline)
            change = number
            await asyncio.sleep(options.every)
        for tab in tabs:
            tab.cancel()
        await asyncio.gather(*tabs, return_exceptions=True)
    return answers


if __name__ == "__main__":
    main()
