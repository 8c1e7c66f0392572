"""Shows that a worker is alive, by a clock of its own: what the work is busy with does not matter."""

import logging
import threading
import time
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

log = logging.getLogger(__name__)


class Heartbeat(threading.Thread):
    """Writes a claim's heartbeat every CLAIM_HEARTBEAT seconds, on a database connection of its own.

    It needs the interpreter for some microseconds each time. Polars, Arrow, NumPy and the network release it while
    they work; a single C call that holds it for longer than CLAIM_LEASE loses the claim.
    """

    def __init__(self, claim: Any):
        super().__init__(name=f"heartbeat of {claim.row}", daemon=True)
        self._claim = claim
        self._ended = threading.Event()

    def end(self) -> None:
        """Send no more. The last one is waited for, but not for ever: the database may be away."""
        self._ended.set()
        self.join(settings.CLAIM_HEARTBEAT)

    def run(self) -> None:
        """Send heartbeats until `end` is called, the claim is lost or its time limit has passed."""
        try:
            while not self._ended.wait(settings.CLAIM_HEARTBEAT) and self._beat():
                pass
        finally:
            connection.close()

    def _beat(self) -> bool:
        """Send one heartbeat; False if there is no use in another."""
        claim = self._claim
        if time.monotonic() > claim.deadline:
            log.error("%s: the time limit has passed; no more heartbeats", claim)
            claim.lost.set()
            return False
        try:
            ours = claim.rows().update(heartbeat=Now())
            claim.status = claim.rows().values_list("status", flat=True).first() or claim.status
        except Exception as e:  # most often the database is away, and then nobody else can take the row either
            log.warning("%s: no heartbeat, it is tried again: %s: %s", claim, type(e).__name__, e)
            connection.close()
            return True
        if not ours:
            claim.lost.set()
        return bool(ours)
