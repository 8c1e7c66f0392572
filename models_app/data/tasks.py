"""Background work on data: full reads of tables, abandoned uploads."""

import logging

from celery import shared_task

from models_app import aws
from models_app.data import scans, uploads
from models_app.models import Scan
from models_app.work.tasks import retrying_task, with_row

log = logging.getLogger(__name__)


@retrying_task
def scan_table(scan_id: int) -> None:
    with_row(Scan, scan_id, scans.run)


@shared_task
def sweep_uploads() -> None:
    """Abort the uploads that nobody went on with for a week."""
    try:
        uploads.sweep()
    except aws.Unavailable as e:
        log.warning("abandoned uploads stay until the next sweep: %s", e.message)
