"""A real training worker, or the clock that looks after jobs, as processes of their own that know the double.

`python -m tests.unit.engine.training.worker NAME` runs a Celery worker, `... reconcile` calls
the engine's reconcile every half second.
Signs of life come quicker than in earnest, so that a test need not wait for them.
"""

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402

import algorithms  # noqa: E402
from console.celery import app  # noqa: E402
from engine.jobs import child  # noqa: E402
from engine.tasks import reconcile  # noqa: E402
from tests.unit.engine.training.double import DOUBLE  # noqa: E402

algorithms.ALGORITHMS["double"] = DOUBLE
child.PROGRAM = "tests.unit.engine.training.double"
settings.CLAIM_HEARTBEAT, settings.CLAIM_LEASE = 0.3, 2.0

if __name__ == "__main__":
    if sys.argv[1] == "reconcile":
        while True:
            reconcile()
            time.sleep(0.5)
    app.worker_main(
        ["worker", "-Q", "training", "-n", f"{sys.argv[1]}@%h", "-P", "prefork", "-c", "1", "--loglevel", "INFO"]
        + ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    )
