"""One job on several machines: the first asks the others, and all of them begin together or none does."""

import hmac
import random
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from common.db.claim import Claim, ClaimLost, Unfinished
from common.db.retry import waits_for_database
from common.db.work import Work
from engine.jobs.machines.gang import OVER, Another, First, Gang
from engine.jobs.machines.link import LinkLost
from engine.jobs.machines.mesh import LOOK, Mesh
from engine.models import Share, TrainingJob
from engine.training import machines
from engine.training.work import TRAINING
from sandbox.network import distant_address_of

GATHER = 30.0  # seconds in which every machine must have come
AGAIN = (3.0, 10.0)  # seconds until a job is tried again for which not all came: two must not wait for each other
YIELD = 2.0  # seconds in which two jobs wait for each other's machines until the later one gives way
QUEUE = "training.{}"  # of one machine, by its address
Status = Share.Status


class ShareWork(Work[Share]):
    """Runs a machine's share of a job. There is one attempt: whatever ends it ends that of the job."""

    model = Share
    task = "engine.training.tasks.run_share"
    runner = "engine.workloads.run.share"
    waiting = Q(status=Status.WAITING)
    max_attempts = 1

    def time_limit(self, row: Share) -> float:
        """Seconds: those of the job."""
        return TRAINING.time_limit(row.job)

    def destination(self, pk: int) -> dict[str, Any]:
        """Return the queue of the share's own machine."""
        address = Share.objects.filter(pk=pk).values_list("address", flat=True).first()
        return {"queue": QUEUE.format(address)}

    def give_back(self, row: Share) -> None:
        """Nobody else may have it: the job's own worker has heard of it, and makes new ones."""
        row.delete()

    def give_up(self, row: Share, cause: Exception) -> None:
        """Delete it."""
        row.delete()


SHARES = ShareWork()


def deal(hosts: Sequence[str], count: int) -> list[list[str]]:
    """Return which hosts each of `count` machines has, in their order; the first machines have one more, if any do."""
    size, more = divmod(len(hosts), count)
    ends = [size * number + min(number, more) for number in range(count + 1)]
    return [list(hosts[begin:end]) for begin, end in pairwise(ends)]


@contextmanager
def gathered(claim: Claim[TrainingJob], hosts: Sequence[str]) -> Iterator[Gang]:
    """A block in which other machines run their share of a claimed job's `hosts`, if there are any and it has several.

    Raises Unfinished when not all have come in time, and ClaimLost.
    """
    several = len(hosts) > 1
    if several:
        _forget(claim, ~Q(leader=claim.worker))
    addresses = machines.others(len(hosts) - 1) if several and machines.own_address() else []
    if not addresses:
        yield Gang(claim, hosts)
        return
    parts = deal(hosts, 1 + len(addresses))
    with socket.create_server((machines.own_address(), 0), backlog=len(addresses)) as listener:
        mesh = Mesh(0, _routes(parts))
        try:
            _ask(claim, parts, addresses, listener.getsockname()[1])
            _wait(claim, addresses)
            listening = {number: (address, 0) for number, address in enumerate(addresses, 1)}
            _form(mesh, listener, claim, _key(claim.row, claim.worker), listening)
            others = {number: parts[number] for number in listening}
            yield First(claim, parts[0], _addresses(hosts), mesh, others, dict(enumerate(addresses, 1)))
        finally:
            lost = [addresses[number - 1] for number in mesh.lost]
            mesh.tell_all(OVER)
            mesh.close()  # before the database is asked, which may be away: the others go on until they hear of it
            _forget(claim, Q(leader=claim.worker))
            machines.forget(lost)  # the next attempt begins without


@contextmanager
def joined(claim: Claim[Share]) -> Iterator[Another]:
    """A block in which this machine runs its share of another one's job. Raises ClaimLost when that is void."""
    share = claim.row
    hosts = [host for part in share.hosts for host in part]
    with socket.create_server((machines.own_address(), 0), backlog=len(share.hosts)) as listener:
        claim.move_to(Status.JOINED, port=listener.getsockname()[1])
        mesh = Mesh(share.number, _routes(share.hosts))
        try:
            listening = _wait_for_all(claim)
            _form(mesh, listener, claim, _key(share.job, share.leader), listening)
            yield Another(claim, share.hosts[share.number], _addresses(hosts), mesh)
        finally:
            mesh.close()


@waits_for_database
def job_of(claim: Claim[Share]) -> TrainingJob:
    """Return the job of a share. Raises ClaimLost when its worker has it no more."""
    share = claim.row
    job = TrainingJob.objects.filter(pk=share.job_id, worker=share.leader).first()
    if job is None:
        raise ClaimLost(f"{share.leader} has given up {share}")
    return job


def _ask(claim: Claim[TrainingJob], parts: list[list[str]], addresses: list[str], port: int) -> None:
    """Make the shares and send them."""
    for row in _make(claim, parts, addresses, port):
        SHARES.send(row.pk)


@waits_for_database
def _make(claim: Claim[TrainingJob], parts: list[list[str]], addresses: list[str], port: int) -> list[Share]:
    common: dict[str, Any] = {
        "job": claim.row,
        "leader": claim.worker,
        "leader_address": machines.own_address(),
        "leader_port": port,
        "hosts": parts,
    }
    with transaction.atomic():
        Share.objects.filter(job=claim.row, leader=claim.worker).delete()  # of a commit that was not heard of
        return [
            Share.objects.create(number=number, address=address, **common)
            for number, address in enumerate(addresses, 1)
        ]


def _wait(claim: Claim[TrainingJob], addresses: list[str]) -> None:
    """Wait until every machine has come. Raises Unfinished."""
    begun = crossed = time.monotonic()
    while missing := {*addresses} - {address for address, _ in _joined(claim.row, claim.worker).values()}:
        claim.check()
        if claim.status == TrainingJob.Status.STOPPING:
            raise Unfinished("It is to stop.", counted=False, begun=False)
        at = time.monotonic()
        if not _is_crossed(claim.row, missing):
            crossed = at
        elif at - crossed > YIELD:
            raise _not_now("An earlier job waits for this machine, as this one waits for that of the other.")
        if at - begun > GATHER:
            machines.leave_out(missing)
            raise _not_now(f"The machines at {', '.join(sorted(missing))} have no trainer to spare.")
        time.sleep(LOOK)


def _not_now(why: str) -> Unfinished:
    delay = random.uniform(*AGAIN)  # noqa: S311  # nothing is secret here
    return Unfinished(why, counted=False, begun=False, delay=delay)


@waits_for_database
def _is_crossed(job: TrainingJob, missing: set[str]) -> bool:
    """Return whether an earlier job of a missing machine waits for this one."""
    waiting = Share.objects.filter(address=machines.own_address(), status=Status.WAITING)
    return waiting.filter(leader_address__in=missing, job__lt=job.pk).exists()


def _wait_for_all(claim: Claim[Share]) -> dict[int, tuple[str, int]]:
    """Return where every other machine listens, by its number. Raises ClaimLost."""
    share = claim.row
    until = time.monotonic() + 2 * GATHER
    while time.monotonic() < until:
        machines_joined = _joined(share.job, share.leader)
        if share.number not in machines_joined:
            break
        if len(machines_joined) == len(share.hosts) - 1:
            del machines_joined[share.number]
            return machines_joined | {0: (share.leader_address, share.leader_port)}
        claim.check()
        time.sleep(LOOK)
    raise ClaimLost(f"{share} is void")


@waits_for_database
def _joined(job: TrainingJob, leader: str) -> dict[int, tuple[str, int]]:
    """Return where the machines listen that have come, by their number."""
    rows = Share.objects.filter(job=job, leader=leader, status=Status.JOINED)
    return {number: (address, port) for number, address, port in rows.values_list("number", "address", "port")}


def _form(mesh: Mesh, listener: socket.socket, claim: Claim, key: bytes, listening: dict[int, tuple[str, int]]) -> None:
    try:
        mesh.form(listener, key, listening, GATHER, claim.check)
    except LinkLost as e:
        raise Unfinished(f"The machines cannot link up: {e}.", counted=True) from e
    listener.close()  # nobody else is to come


def _key(job: TrainingJob, leader: str) -> bytes:
    """Return the key of one attempt, which every machine of this deployment can make: `leader` is never used twice."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"members of {job.arn} of {leader}".encode(), "sha256")


def _addresses(hosts: Sequence[str]) -> dict[str, str]:
    return {host: distant_address_of(number) for number, host in enumerate(hosts)}


def _routes(parts: list[list[str]]) -> dict[str, int]:
    """Return the number of each member's machine by the member's address."""
    addresses = _addresses([host for part in parts for host in part])
    return {addresses[host]: number for number, part in enumerate(parts) for host in part}


@waits_for_database
def _forget(claim: Claim[TrainingJob], attempts: Q) -> None:
    """Delete shares of the job's `attempts`, which ends what still runs of them."""
    Share.objects.filter(attempts, job=claim.row).delete()
