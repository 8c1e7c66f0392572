"""Background work on data: full reads of tables, abandoned uploads."""

import logging

from celery import shared_task
from celery.signals import celeryd_after_setup

from common.db.queue import queue_of
from models_app import aws
from models_app.aws import s3_store
from models_app.data import uploads
from models_app.data.scans import SCANNING
from models_app.work import table_work

log = logging.getLogger(__name__)


@celeryd_after_setup.connect(weak=False)
def _become_reader(instance, **_) -> None:
    """Load what reads tables, if this worker is one that does, before its processes are forked: they share it."""
    if queue_of(SCANNING.task) in instance.app.amqp.queues.consume_from:
        s3_store.whole_tables.warm_up()


@shared_task(time_limit=table_work.KILL_AFTER)
def scan_table(scan_id: int) -> None:
    """Scan a table, if the row waits for it."""
    SCANNING.perform(scan_id)


@shared_task
def sweep_uploads() -> None:
    """Abort the uploads that nobody went on with for a week."""
    try:
        uploads.sweep()
    except aws.Unavailable as e:
        log.warning("abandoned uploads stay until the next sweep: %s", e.message)
