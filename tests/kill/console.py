"""The console's own verbs, called in a process of its own beside a running stack: one JSON line asked, one answered."""

import json
import os
import subprocess
import sys

from tests.stack import ROOT, Stack

SERVER = """
import json, sys
import django
django.setup()
from django.contrib.auth import get_user_model
from jobs import JobSpec
from jobs.code.spec import CodeSpec
from models_app.aws import s3_store
from models_app.create import submit
from models_app.data import scans
from models_app.models import Model, Scan
from models_app.training import actions as jobs
from tables import Recipe

def create(name, data, hyperparameters):
    recipe = Recipe(target="label", has_header=True)
    spec = JobSpec(name=name, data_uri=data, recipe=recipe, hyperparameters=hyperparameters, deploy_when_done=False)
    return submit.create(get_user_model().objects.get(username="admin"), spec).name

def create_code(name, data, entry, text):
    code = CodeSpec(entry=entry, text=text).as_json()
    spec = JobSpec(
        name=name, algorithm="code", code=code, data_uri=data, recipe=Recipe(target="label", has_header=True),
        deploy_when_done=False,
    )
    return submit.create(get_user_model().objects.get(username="admin"), spec).name

def scan(uri):
    user = get_user_model().objects.get(username="admin")
    found = s3_store.inspect(uri)
    return scans.start(user, uri, found.etag, Recipe()).pk

def start_scans(uris):
    user = get_user_model().objects.get(username="admin")
    return [scans.start(user, uri, s3_store.locate(uri).etag, Recipe()).pk for uri in uris]

def scan_statuses(pks):
    return [row.status for row in Scan.objects.filter(pk__in=pks)]

def cancel_scans(pks):
    for row in Scan.objects.filter(pk__in=pks):
        scans.cancel(row)

def stop(name):
    jobs.stop(Model.objects.get(name=name).job)

def scanned(pk):
    row = Scan.objects.get(pk=pk)
    return {"status": row.status, "done": row.done, "total": row.total, "attempt": row.attempt,
            "failure": row.failure, "rows": row.profile.get("rows")}

def report(names):
    found = {}
    for model in Model.objects.filter(name__in=names).select_related("job"):
        job = model.job
        points = list(job.points.values_list("name", flat=True))
        found[model.name] = {
            "jobs": [row.name for row in model.jobs.all()],
            "status": job.status, "reason": job.failure_reason, "note": job.note,
            "points": {name: points.count(name) for name in set(points)},
            "log_done": job.log_done, "attempt": job.attempt,
        }
    return found

for line in sys.stdin:
    verb, arguments = json.loads(line)
    print(json.dumps(globals()[verb](*arguments)), flush=True)
"""


class Console:
    """Use in a `with`; see the functions in SERVER for the verbs."""

    def __init__(self, stack: Stack):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAGEWRIGHT_"))}
        environment |= stack.state()["environment"] | {"DJANGO_SETTINGS_MODULE": "console.settings"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Console":
        return self

    def __exit__(self, *_) -> None:
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()

    def create(self, name: str, data: str, rounds: int) -> str:
        """Create a model as the form does, and return its name."""
        return self._ask("create", name, data, {"objective": "binary:logistic", "num_round": str(rounds)})

    def create_code(self, name: str, data: str, entry: str, text: str) -> str:
        """Create a model of a class of one's own, and return its name."""
        return self._ask("create_code", name, data, entry, text)

    def report(self, names: list[str]) -> dict[str, dict]:
        """{name: {"jobs", "status", "reason", "note", "points", "log_done", "attempt"}} as the console's rows have it.

        The attempt is that of preparing its data.
        """
        return self._ask("report", names)

    def scan(self, uri: str) -> int:
        """Start the full read of a table, as the Create model page does, and return its row's key."""
        return self._ask("scan", uri)

    def scanned(self, scan: int) -> dict:
        """{"status", "done", "total", "attempt", "failure", "rows"} of a scan."""
        return self._ask("scanned", scan)

    def start_scans(self, uris: list[str]) -> list[int]:
        """Start the full read of several tables; their rows' keys."""
        return self._ask("start_scans", uris)

    def scan_statuses(self, scans: list[int]) -> list[str]:
        return self._ask("scan_statuses", scans)

    def cancel_scans(self, scans: list[int]) -> None:
        self._ask("cancel_scans", scans)

    def stop(self, name: str) -> None:
        """Stop the training job of a model, as its page does."""
        self._ask("stop", name)

    def _ask(self, verb: str, *arguments):
        print(json.dumps([verb, arguments]), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        assert answer, f"{verb} failed; its traceback stands above"
        return json.loads(answer)
