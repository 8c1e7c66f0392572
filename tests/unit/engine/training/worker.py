"""A real training worker, or the clock that looks after jobs, as processes of their own that know the double.

`python -m tests.unit.engine.training.worker NAME` runs a Celery worker, `... reconcile` calls
release_stale every half second.
Signs of life come quicker than in earnest, so that a test need not wait for them.
"""

import os
import sys
import time
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

import django

django.setup()

import algorithms  # noqa: E402
from console.celery import app  # noqa: E402
from engine.training import child, claims, runner  # noqa: E402
from tests.unit.engine.training.double import DOUBLE  # noqa: E402

algorithms.ALGORITHMS["double"] = DOUBLE
child.PROGRAM = "tests.unit.engine.training.double"
runner.HEARTBEAT = 0.3
claims.STALE = timedelta(seconds=2)

if __name__ == "__main__":
    if sys.argv[1] == "reconcile":
        while True:
            claims.release_stale()
            time.sleep(0.5)
    app.worker_main(
        ["worker", "-Q", "training", "-n", f"{sys.argv[1]}@%h", "-P", "prefork", "-c", "1", "--loglevel", "INFO"]
        + ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    )
