"""Pages of the console with 100,000 models and training jobs, in two versions."""

import re
import subprocess
import time
from collections.abc import Mapping
from html import unescape

from bench.versions.interpreter import python_of
from bench.versions.report import HEAD, line, processor_seconds
from tests.kill_run.work import PASSWORD
from tests.stack import FIRST_USER, Stack
from tests.upgrade.web_client import WebClient

COUNT = 100_000
ROUNDS, REQUESTS = 5, 12
# Runs beside each stack, with its code: what both versions call their rows and fields. Every fifth job has failed.
ROWS = """
import datetime, sys
import django
django.setup()
from django.contrib.auth.models import User
from django.db.models import OuterRef
from django.utils.timezone import now
from models_app.models import Model, TrainingJob

count, began = int(sys.argv[1]), now() - datetime.timedelta(days=300)
owner = User.objects.first()
curve = {"round": 40, "metric": "validation:auc", "goal": "max", "value": 0.8, "best": 0.8, "best_round": 40}
curve["curve"] = [0.6 + n / 200 for n in range(40)]
for start in range(0, count, 5000):
    numbers = range(start, min(start + 5000, count))
    created = [began + datetime.timedelta(minutes=4 * n) for n in numbers]
    models = Model.objects.bulk_create(
        Model(name=f"model-{n}", owner=owner, algorithm="xgboost", data_uri="s3://data/train.csv", created=at)
        for n, at in zip(numbers, created)
    )
    TrainingJob.objects.bulk_create(
        TrainingJob(
            name=f"job-{n}", model=model, owner=owner, algorithm="xgboost", progress=curve, log_done=True, created=at,
            status="Completed" if n % 5 else "Failed",
        )
        for n, model, at in zip(numbers, models, created)
    )
Model.objects.update(job=TrainingJob.objects.filter(model=OuterRef("pk")).values("pk")[:1])
"""


def compare(both: Mapping[str, Stack]) -> None:
    """Read the same pages of both in turn."""
    people = {version: _person(stack) for version, stack in both.items()}
    for stack in both.values():
        environment = stack.state()["environment"] | {"DJANGO_SETTINGS_MODULE": "console.settings"}
        subprocess.run([python_of(stack.where), "-c", ROWS, str(COUNT)], cwd=stack.where, env=environment, check=True)
    print(f"{HEAD}\npages: {COUNT:,} models and jobs, milliseconds an answer, and of the web's processor")
    for title, path in (
        ("dashboard", "/"),
        ("jobs", "/jobs/"),
        ("jobs, the oldest", "/jobs/?sort=created"),
        ("jobs, a page further", "next of /jobs/"),
        ("jobs, those that failed", "/jobs/?view=attention"),
        ("jobs, search", "/jobs/?q=job-77"),
        ("models", "/models/"),
        ("a model", f"/models/model-{COUNT // 2}/"),
        ("a job", f"/jobs/job-{COUNT // 2}/"),
    ):
        times, used = ({"other": [], "this": []} for _ in range(2))
        paths = {version: _path(person, path) for version, person in people.items()}
        for number in range(ROUNDS + 1):
            for version, person in people.items():
                pid = both[version].pid("web")
                before, began = processor_seconds(pid), time.perf_counter()
                for _ in range(REQUESTS):
                    page = person.get(paths[version])
                    assert page.status == 200 and "login" not in page.address, f"{paths[version]}: {page.status}"
                if number:  # the first round warms both up
                    times[version].append((time.perf_counter() - began) / REQUESTS * 1000)
                    used[version].append((processor_seconds(pid) - before) / REQUESTS * 1000)
        print(line(title, times))
        print(line("", used), flush=True)


def _person(stack: Stack) -> WebClient:
    person = WebClient(stack.web, FIRST_USER, stack.password)
    person.post("/password/", {"old_password": stack.password, "new_password1": PASSWORD, "new_password2": PASSWORD})
    return person


def _path(person: WebClient, path: str) -> str:
    """`path`, or the address of the page after "next of PATH"."""
    _, _, first = path.rpartition("next of ")
    if first == path:
        return path
    token = re.search(r"[?&;]after=([^\"&]+)", person.get(first).text)
    assert token, f"{first} has no next page"
    return f"{first}?after={unescape(token[1])}"
