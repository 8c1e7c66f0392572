"""What people and programs do while machines come and go; what was acknowledged, and when nothing was answered."""

import contextlib
import random
import threading
import time
from collections.abc import Callable
from urllib.error import URLError

from botocore.exceptions import BotoCoreError, ClientError

from tests.kill.jobs import BUCKET, Jobs
from tests.kill_run.work import once, until_done
from tests.upgrade.web_client import WebClient

JOB_ROUNDS = 120
# Keys that a proxy would "tidy up", and with them what was signed.
KEYS = ("a//b", "a/./b", "a/../b", "a%2Fb", "a%252Fb", "a b+c", "ключ/鍵", "a;b=c?d#e", "a/", "'(x)*!~$&@:,=")


class Stream(threading.Thread):
    """Does `action` every `every` seconds. `done` are the times of success, `failed` those of failures with texts."""

    def __init__(self, name: str, every: float, action: Callable[[], object]):
        super().__init__(name=name, daemon=True)
        self.every, self.action = every, action
        self.done: list[float] = []
        self.failed: list[tuple[float, str]] = []
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self.action()
            except (ClientError, BotoCoreError, OSError, URLError, AssertionError) as e:
                self.failed.append((time.monotonic(), str(e)[:160]))
            else:
                self.done.append(time.monotonic())
            self._over.wait(self.every)

    def end(self) -> None:
        """Do no more."""
        self._over.set()
        self.join()


class Load:
    """Jobs, objects and page views. `client` makes boto3's clients."""

    def __init__(self, client: Callable, web: WebClient):
        self.jobs, self.web, self.client = Jobs(_Clients(client)), web, client  # type: ignore[arg-type]
        self.names: list[str] = []
        self.objects: dict[str, bytes] = {}
        self._chance = random.Random(3)
        self.streams = (
            Stream("jobs", 4.0, self._job),
            Stream("objects", 0.5, self._object),
            Stream("pages", 0.2, self._page),
            Stream("descriptions", 0.2, self._describe),
        )

    def _job(self) -> None:
        name = f"drill-{len(self.names):03}"
        until_done(lambda: once(lambda: self.jobs.ask(name, JOB_ROUNDS)), name)
        self.names.append(name)

    def _object(self) -> None:
        key = f"drill/{len(self.objects) % 7}/{KEYS[len(self.objects) % len(KEYS)]}/{len(self.objects)}"
        body = self._chance.randbytes(self._chance.randint(0, 200_000))
        until_done(lambda: self.jobs.s3.put_object(Bucket=BUCKET, Key=key, Body=body), key)
        self.objects[key] = body

    def _page(self) -> None:
        page = self.web.get("/jobs/")
        assert page.status == 200, f"{page.status} {page.address} {page.text[:80]}"
        assert "/login" not in page.address, "signed out"

    def _describe(self) -> None:
        self.jobs.sagemaker.list_training_jobs(MaxResults=5)

    def faults(self) -> list[str]:
        """What was acknowledged and is not there, is there twice, or is not what it was."""
        faults = []
        for name in self.names:
            try:
                self.jobs.wait(name)
                self.jobs.check(name, JOB_ROUNDS)
            except AssertionError as e:
                faults.append(f"{name}: {e}")
        pages = self.jobs.sagemaker.get_paginator("list_training_jobs").paginate(NameContains="drill-")
        listed = [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]
        if sorted(listed) != sorted(self.names):
            faults.append(f"{len(listed)} jobs are listed of {len(self.names)}: {set(listed) ^ set(self.names)}")
        for key, body in self.objects.items():
            with contextlib.suppress(ClientError):
                if self.jobs.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body:
                    continue
            faults.append(f"object {key} is not what was uploaded")
        result = self.jobs.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="drill/")
        keys = [o["Key"] for page in result for o in page.get("Contents", [])]
        if sorted(keys) != sorted(self.objects):
            faults.append(f"{len(keys)} objects are listed of {len(self.objects)}")
        return faults

    def restarts(self) -> int:
        """How often a job began again."""
        jobs = [self.jobs.describe(name)["SecondaryStatusTransitions"] for name in self.names]
        return sum(step["Status"] == "Restarting" for steps in jobs for step in steps)


class _Clients:
    """What Jobs asks of a stack."""

    def __init__(self, client: Callable):
        self.client = client


def longest_gap(times: list[float], start: float, end: float) -> float:
    """The longest time without one of `times` between `start` and `end`."""
    inside = [start, *(at for at in times if start <= at <= end), end]
    return max(b - a for a, b in zip(inside, inside[1:], strict=False))
