"""The queue's side of the made-up work, and its worker: `python -m tests.unit.engine.jobs.worker once|until-done`."""

import os
import sys
import time

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    django.setup()

from engine.training.work import TrainingWork  # noqa: E402


class ErrandWork(TrainingWork):
    """Runs training's rows with the made-up workload."""

    runner = "tests.unit.engine.jobs.errand.run"


WORK = ErrandWork()


def main() -> None:
    from django.conf import settings

    from engine.models import TrainingJob

    settings.CLAIM_HEARTBEAT, settings.CLAIM_LEASE = 0.3, 2.0
    while True:
        for pk in TrainingJob.objects.filter(status="InProgress").values_list("pk", flat=True):
            WORK.perform(pk)
        if sys.argv[1] == "once" or not TrainingJob.objects.filter(status="InProgress").exists():
            return
        time.sleep(0.2)


if __name__ == "__main__":
    main()
