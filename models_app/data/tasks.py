"""Background work on data: full reads of tables, abandoned uploads."""

import logging

from celery import shared_task

from models_app import aws
from models_app.data import uploads
from models_app.data.scans import SCANNING
from models_app.work import table_work

log = logging.getLogger(__name__)


@shared_task(time_limit=table_work.KILL_AFTER)
def scan_table(scan_id: int) -> None:
    SCANNING.perform(scan_id)


@shared_task
def sweep_uploads() -> None:
    """Abort the uploads that nobody went on with for a week."""
    try:
        uploads.sweep()
    except aws.Unavailable as e:
        log.warning("abandoned uploads stay until the next sweep: %s", e.message)
