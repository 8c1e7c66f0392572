"""The Celery app. Tasks are short and repeatable; the row is the truth and a task only hurries it."""

import gc
import os

from celery import Celery
from celery.signals import worker_init

from console import liveness  # noqa: F401 (for its effect)
from sagewright import environment as env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

app = Celery("sagewright")
app.config_from_object("django.conf:settings", namespace="CELERY")
# A worker need not load what it never runs: SAGEWRIGHT_TASKS names the packages whose tasks it does run.
app.autodiscover_tasks(env.text("TASKS").split() or None)


@worker_init.connect(weak=False)
def _share_memory(**_) -> None:
    """Keep what is loaded out of garbage collection, whose marks would copy its pages in each process of the pool."""
    app.loader.import_default_modules()
    gc.collect()
    gc.freeze()
