"""What the tasks of every room share: fetch the row, do one step with it, retry while AWS is unavailable."""

import logging
from collections.abc import Callable

from celery import shared_task

from common.problems import Unavailable

log = logging.getLogger(__name__)
retrying_task = shared_task(autoretry_for=(Unavailable,), retry_backoff=True, retry_backoff_max=30, max_retries=5)


def with_row(rows, pk: int, action: Callable) -> None:
    """Call `action` with the row `pk` of the model `rows`; do nothing if the row is gone."""
    row = rows.objects.filter(pk=pk).first()
    if row is not None:
        action(row)


def with_row_once(rows, pk: int, action: Callable) -> None:
    """`with_row` for what the next poll repeats anyway: log `Unavailable` instead of retrying."""
    try:
        with_row(rows, pk, action)
    except Unavailable as e:
        log.info("%s %s: %s", action.__name__, pk, e.message)
