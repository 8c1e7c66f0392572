"""The training queue's one task, and what a training worker does when it starts."""

import logging
import os

from celery import shared_task
from celery.signals import celeryd_after_setup, worker_process_init, worker_ready, worker_shutting_down

from common.db.queue import queue_of
from common.process_group import die_with_parent
from engine.jobs import child, folder
from engine.training.machines import Presence, own_address
from engine.training.shares import QUEUE, SHARES
from engine.training.work import TRAINING
from sandbox import level
from sandbox.spec import SandboxError

_is_trainer = False
_presence: Presence | None = None
log = logging.getLogger(__name__)


@shared_task(acks_late=True)
def run(job_pk: int) -> None:
    """Claim and run a training job. Losing the claim to another worker is no error: messages may come twice.

    Acknowledged late, not for safety (the row is the truth, and a lost or repeated message changes nothing) but for
    fairness: a worker then holds back no message that an idle one could take.
    """
    TRAINING.perform(job_pk)


@shared_task(acks_late=True)
def run_share(share_pk: int) -> None:
    """Claim and run this machine's members of another one's training job."""
    SHARES.perform(share_pk)


@celeryd_after_setup.connect(weak=False)
def _become_trainer(instance, **_) -> None:
    """Sweep up what killed jobs left, if this worker is one that trains."""
    global _is_trainer
    _is_trainer = queue_of(TRAINING.task) in instance.app.amqp.queues.consume_from
    if _is_trainer:
        folder.sweep()
        child.prepare_twins()
        _log_sandbox()
        if address := own_address():
            instance.app.amqp.queues.select_add(QUEUE.format(address))


@worker_ready.connect(weak=False)
def _arrive(**_) -> None:
    """Say that this machine takes part in jobs of several, once it hears what it is asked."""
    global _presence
    if _is_trainer and own_address():
        _presence = Presence()
        _presence.start()


@worker_shutting_down.connect(weak=False)
def _leave(**_) -> None:
    if _presence:
        _presence.end()


@worker_process_init.connect(weak=False)
def _warm_up(**_) -> None:
    """Tie the process to its worker, and have the zygote ready before the first job comes."""
    if _is_trainer:
        die_with_parent(os.getppid())
        child.warm_up()


def _log_sandbox() -> None:
    try:
        best = level.available()
    except SandboxError as e:
        log.error("%s", e)
        return
    log.info("Sandbox: %s. %s", best, level.sentence(best))
