"""Which machines take part in jobs of several instances: each says that it is there as long as its trainer runs."""

import functools
import logging
import socket
import threading
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_address

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models.functions import Now

from common.db.claim import Claimable, host
from common.db.retry import AWAY, waits_for_database
from engine.models import Share, TrainingMachine
from engine.models.job import Job
from sandbox.level import available, why_not
from sandbox.network import why_not_distant
from sandbox.spec import Level

LEAVE_OUT = 300  # seconds
LEFT_OUT = "left-out:{}"  # by the machine's address
log = logging.getLogger(__name__)


@functools.cache
def own_address() -> str:
    """Return the address at which other machines reach this one's members, "" if it takes part in no such job."""
    if not settings.MACHINE_ADDRESS:
        return ""
    address = settings.MACHINE_ADDRESS if settings.MACHINE_ADDRESS != "auto" else _address_of_host_name()
    why = _why_no_address(address) if address else f"The name {socket.gethostname()} leads to this machine alone."
    if not why and available() is not Level.WALLED:
        why = "Members need walls: " + (why_not(Level.WALLED) or "SAGEWRIGHT_SANDBOX asks for less.")
    why = why or why_not_distant()
    if why:
        log.error("SAGEWRIGHT_MACHINE_ADDRESS has no effect: this machine takes part in no job of several. %s", why)
        return ""
    return address


def _address_of_host_name() -> str:
    """Return the IPv4 address of this host's name, as containers have it; "" if it leads nowhere else."""
    try:
        address = socket.gethostbyname(socket.gethostname())
    except OSError:
        return ""
    return "" if ip_address(address).is_loopback else address


def _why_no_address(text: str) -> str:
    """Return why other machines cannot reach this one at the address `text`, "" if they may."""
    try:
        if ip_address(text).is_unspecified:
            return f"{text} is no machine's address."
        socket.create_server((text, 0)).close()
    except (ValueError, OSError) as e:
        return f"It cannot listen at the address {text}: {e}."
    return ""


@waits_for_database
def others(most: int) -> list[str]:
    """Return the addresses of other machines that are there, `most` at most: those with the least to do first."""
    fresh = TrainingMachine.objects.filter(seen__gt=Now() - timedelta(seconds=settings.CLAIM_LEASE))
    rows = list(fresh.exclude(address=own_address()).values_list("host", "address"))
    busy = _busy()
    willing = [(host, address) for host, address in rows if not cache.get(LEFT_OUT.format(address))]
    return [address for _, address in sorted(willing, key=lambda one: (busy[one[0]], one[1]))][:most]


@waits_for_database
def leave_out(addresses: Iterable[str]) -> None:
    """Ask machines no more for a while that have not come although they have nothing to do: their trainers hang.

    One that is busy is waited for: on fewer machines the members of a job would have less memory.
    """
    busy = _busy()
    for name, address in TrainingMachine.objects.filter(address__in=addresses).values_list("host", "address"):
        if not busy[name]:
            log.warning("the machine at %s does not take what it is asked, and is not asked for a while", address)
            cache.set(LEFT_OUT.format(address), 1, LEAVE_OUT)


def _busy() -> Counter[str]:
    """Return how many jobs and shares the workers of each machine have, by the machine's host name."""
    kinds: list[type[Claimable]] = [*Job.kinds(), Share]
    claimed = [kind._default_manager.filter(worker__gt="").order_by() for kind in kinds]
    return Counter(worker.partition(":")[0] for rows in claimed for worker in rows.values_list("worker", flat=True))


@waits_for_database
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
