"""Keeps large tables from taking every worker: at most so many are read at a time, and small ones never wait.

Reading gigabytes takes minutes, and while it lasts other people's clicks need a worker too.
"""

from django.conf import settings
from django.utils.timezone import now

from common.messages import gettext_noop
from models_app.models import Scan, TrainingJob

LARGE = 64 * 1024 * 1024  # bytes; what is smaller is read in a second or two
WAITING = gettext_noop("Waiting until other large tables are read")


def is_free(size: int, but: Scan | TrainingJob) -> bool:
    """May a table of `size` bytes be read now, for `but`? Two who ask at once may both be told so; that is harmless."""
    if size <= LARGE:
        return True
    scans = Scan.objects.filter(status=Scan.Status.RUNNING, claimed_until__gt=now(), total__gt=LARGE)
    jobs = TrainingJob.objects.filter(status=TrainingJob.Status.CREATED, retry_at__gt=now(), preparing__total__gt=LARGE)
    if isinstance(but, Scan):
        scans = scans.exclude(pk=but.pk)
    else:
        jobs = jobs.exclude(pk=but.pk)
    return scans.count() + jobs.count() < settings.READERS
