"""One run of retention: merges, archives and deletes for a limited time, from the oldest rows on."""

import logging
import time
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from common.jsonl_archive import DamagedArchive
from engine.retention.archive import KINDS, expire
from engine.retention.clock import advance
from engine.retention.rollup import TIERS, roll_up

SECONDS = 60.0  # that a run takes at most; the next goes on
log = logging.getLogger(__name__)


def run(now: datetime, seconds: float = SECONDS) -> None:
    """Bring log events and metric data to what their age at `now` asks for. Repeatable, and may be killed anywhere.

    What cannot be archived is not deleted: the log says why, and the next run tries again.
    """
    until = time.monotonic() + seconds
    now = advance(now)
    for tier in TIERS:
        while time.monotonic() < until and roll_up(tier, now):
            pass
    if not settings.TELEMETRY_DAYS:
        return
    before = now - timedelta(days=settings.TELEMETRY_DAYS)
    try:
        for kind in KINDS:
            while time.monotonic() < until and expire(kind, before, settings.TELEMETRY_ARCHIVE):
                pass
    except (ClientError, BotoCoreError, DamagedArchive) as error:
        log.error(
            "%s cannot be written, so nothing is deleted: %s. Check SAGEWRIGHT_TELEMETRY_ARCHIVE and its bucket.",
            settings.TELEMETRY_ARCHIVE,
            error,
        )
