"""Which machines take part in jobs of several instances: each says that it is there as long as its trainer runs."""

import functools
import logging
import threading
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from common.db.claim import host
from common.db.retry import AWAY
from engine.models import Share, TrainingJob, TrainingMachine
from sandbox.level import available, why_not
from sandbox.network import why_not_distant
from sandbox.spec import Level

log = logging.getLogger(__name__)


@functools.cache
def own_address() -> str:
    """Return the address at which other machines reach this one's members, "" if it takes part in no such job."""
    if not settings.MACHINE_ADDRESS:
        return ""
    if available() is not Level.WALLED:
        why = why_not(Level.WALLED) or "SAGEWRIGHT_SANDBOX asks for less."
    else:
        why = why_not_distant()
    if why:
        log.error("SAGEWRIGHT_MACHINE_ADDRESS has no effect: members of several machines need walls. %s", why)
        return ""
    return settings.MACHINE_ADDRESS


def others(most: int) -> list[str]:
    """Return the addresses of other machines that are there, `most` at most: those with the least to do first."""
    fresh = TrainingMachine.objects.filter(seen__gt=Now() - timedelta(seconds=settings.CLAIM_LEASE))
    found = list(fresh.exclude(address=own_address()).values_list("host", "address"))
    busy = [
        worker.partition(":")[0]
        for rows in (TrainingJob.objects, Share.objects)
        for worker in rows.filter(worker__gt="").order_by().values_list("worker", flat=True)
    ]
    return [address for _, address in sorted(found, key=lambda one: (busy.count(one[0]), one[1]))][:most]


def forget(addresses: Iterable[str]) -> None:
    """Count on these machines no more until they say that they are there."""
    if lost := [*addresses]:
        TrainingMachine.objects.filter(address__in=lost).delete()


class Presence(threading.Thread):
    """Writes that this machine is there, until `end` says that it leaves."""

    def __init__(self) -> None:
        super().__init__(name="presence", daemon=True)
        self._ended = threading.Event()

    def run(self) -> None:
        """Write every CLAIM_LEASE / 3 seconds. A database that is away is tried again."""
        while True:
            try:
                values = {"host": host(), "seen": Now()}
                TrainingMachine.objects.update_or_create(address=own_address(), defaults=values)
            except AWAY as e:
                log.warning("this machine could not say that it is there: %s", e)
            finally:
                connection.close()  # a process that is forked meanwhile must not have a share in it
            if self._ended.wait(settings.CLAIM_LEASE / 3):
                return

    def end(self) -> None:
        """Say that this machine is there no more."""
        self._ended.set()
        self.join(settings.CLAIM_LEASE / 3)
        try:
            TrainingMachine.objects.filter(address=own_address()).delete()
        except AWAY:
            log.warning("this machine could not say that it leaves: others find out in %g s", settings.CLAIM_LEASE)
