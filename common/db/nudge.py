"""Tells live pages that something changed. A nudge carries no data: the page asks again and reads the rows."""

import logging

from django.db import transaction

from common.db.redis_client import redis

CHANNEL = "sagewright:nudges"
log = logging.getLogger(__name__)


def nudge(*topics: str) -> None:
    """Publish `topics` (such as "job-12", "models") once the current transaction is committed."""
    transaction.on_commit(lambda: _publish(topics))


def _publish(topics: tuple[str, ...]) -> None:
    try:
        for topic in topics:
            redis().publish(CHANNEL, topic)
    except Exception as e:  # a page that polls a little later is no reason to fail a job
        log.warning("could not publish %s: %s", topics, e)
