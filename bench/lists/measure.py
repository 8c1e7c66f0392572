"""Fills one database and measures the pages on it.

python -m bench.lists.measure URL ROUNDS JOBS MODELS ENDPOINTS LIVE
"""

import os
import sys
import time
from statistics import median, quantiles

BUDGET = 10.0  # seconds that one address may be read for, once it was read three times
PAGES = {
    "dashboard": "/",
    "jobs": "/jobs/",
    "jobs, in progress": "/jobs/?view=running",
    "jobs, needs attention": "/jobs/?view=attention",
    "jobs, 100 a page": "/jobs/?size=100",
    "models": "/models/",
    "models, needs attention": "/models/?view=attention",
    "endpoints": "/endpoints/",
    "search": "/search/?q=iris",
    "a job": "/jobs/iris-xgboost-0/",
    "a model": "/models/iris-model-0/",
}
FILTERS = {
    "words: iris knn": "/jobs/?q=iris+knn",
    "words: nothing like it": "/jobs/?q=zzzz",
    "an owner": "/jobs/?q=person-3",
    "auc >= 0.9": "/jobs/?f=auc>=0.9",
    "auc >= 0.9499, few": "/jobs/?f=auc>=0.9499",
    "auc > 2, none": "/jobs/?f=auc>2",
    "auc and eta, sorted by auc": "/jobs/?f=auc>=0.9&f=eta<0.05&sort=-auc&cols=name,auc,eta",
    "not failed": "/jobs/?f=status!=Failed",
    "objective contains": "/jobs/?f=objective~logistic",
    "last 30 days": "/jobs/?f=created>=30d",
    "sort by name": "/jobs/?sort=name",
    "sort by auc": "/jobs/?sort=-auc",
    "sort by best metric": "/jobs/?sort=-metric",
    "sort by a text": "/jobs/?sort=objective",
    "sort by owner": "/jobs/?sort=owner",
    "sort by status": "/jobs/?sort=status",
    "sort by algorithm": "/jobs/?sort=algorithm",
    "sort by model": "/jobs/?sort=model",
    "sort by length": "/jobs/?sort=-ran",
    "sort by started": "/jobs/?sort=-started",
    "models: words": "/models/?q=iris+xgboost",
    "models: auc > 0.9": "/models/?f=auc>0.9",
    "models: sort by auc": "/models/?sort=-auc",
    "models: sort by status": "/models/?sort=status",
    "models: sort by data": "/models/?sort=data",
    "search, nothing like it": "/search/?q=zzzzq",
}


def main(url: str, rounds: int, counts: list[int]) -> None:
    """Fill the database at `url` and print the times of each page."""
    import tests.environment  # noqa: F401 (a private data folder and a Valkey)

    os.environ |= {"SAGEWRIGHT_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "console.settings"}
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from bench.lists import rows

    settings.ALLOWED_HOSTS = ["*"]
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    person = rows.fill(*counts)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    names = ("jobs", "models", "endpoints", "running jobs")
    filled = ", ".join(f"{count:,} {name}" for count, name in zip(counts, names, strict=True))
    print(f"\n{connection.vendor}: {filled}; filled in {time.perf_counter() - began:.0f} s")
    print(f"{'server time of a page, ms':44s} {'p50':>8s} {'p95':>8s} {'cpu p50':>8s} {'queries':>8s}")
    browser = Client()
    browser.force_login(person)
    for title, address in (PAGES | FILTERS).items():
        _one(browser, title, address, rounds)


def _one(browser, title: str, address: str, rounds: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times: list[float] = []
    used: list[float] = []
    until = time.monotonic() + BUDGET
    for number in range(rounds + 1):
        if len(times) >= 3 and time.monotonic() > until:
            break
        began, before = time.perf_counter(), time.process_time()
        answer = browser.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        if number:  # the first fills caches of templates and queries
            times.append((time.perf_counter() - began) * 1000)
            used.append((time.process_time() - before) * 1000)
    with CaptureQueriesContext(connection) as queries:
        browser.get(address)
    p95 = quantiles(times, n=20)[-1]
    print(f"{title:44s} {median(times):8.1f} {p95:8.1f} {median(used):8.1f} {len(queries):8d}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), [int(text) for text in sys.argv[3:]])
