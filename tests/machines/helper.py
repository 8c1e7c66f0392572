"""A machine's trainer without a queue: `python -m tests.machines.helper` runs the shares that are asked of it.

Signs of life come quicker than in earnest, so that a test need not wait for them.
"""

import os
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402

from engine.jobs import child  # noqa: E402
from engine.models import Share  # noqa: E402
from engine.training.machines import Presence, own_address  # noqa: E402
from engine.training.shares import SHARES  # noqa: E402


def main() -> None:
    settings.CLAIM_HEARTBEAT, settings.CLAIM_LEASE = 0.3, 2.0
    assert own_address(), "this machine can have no network that leads to others"
    child.warm_up()
    Presence().start()
    while True:
        for pk in Share.objects.filter(address=own_address(), status="Waiting").values_list("pk", flat=True):
            SHARES.perform(pk)
        time.sleep(0.05)


if __name__ == "__main__":
    main()
