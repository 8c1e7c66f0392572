"""The Celery app. Tasks are short and repeatable; the row is the truth and a task only hurries it."""

import gc
import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import worker_init
from django.apps import apps

from console import broker, celery_logging, liveness  # noqa: F401 (for their effects)
from sagewright import environment as env

# Workers run as whoever started them, for the data folder is theirs. The advice is about messages of pickled objects;
# these workers take JSON alone.
warnings.filterwarnings("ignore", "You're running the worker with superuser privileges", SecurityWarning)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

app = Celery("sagewright")
app.config_from_object("django.conf:settings", namespace="CELERY")
# A worker need not load what it never runs: SAGEWRIGHT_TASKS names the packages whose tasks it does run.
# A process that is forked finds that in its environment later than this is read.
app.autodiscover_tasks(lambda: env.text("TASKS").split() or [config.name for config in apps.get_app_configs()])


@worker_init.connect(weak=False)
def _share_memory(**_) -> None:
    """Keep what is loaded out of garbage collection, whose marks would copy its pages in each process of the pool."""
    app.loader.import_default_modules()
    gc.collect()
    gc.freeze()
