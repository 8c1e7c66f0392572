"""Whether anybody uses an instance: a cell that runs, a key that is pressed, an open terminal that prints."""

import contextlib
import time
from datetime import datetime
from typing import Any

from engine.notebooks.proxy import Upstream


async def last_activity(upstream: Upstream) -> float | None:
    """When something last happened, in epoch seconds: now while a cell runs. None when JupyterLab does not say."""
    if any(kernel.get("execution_state") == "busy" for kernel in await upstream.kernels()):
        return time.time()
    status = await upstream.status() or {}
    with contextlib.suppress(ValueError, TypeError):
        return datetime.fromisoformat(str(status.get("last_activity"))).timestamp()
    return None


def stops_at(last: float | None, minutes: int, keep_until: float) -> float | None:
    """When an instance that was last active at `last` stops, in epoch seconds; None for never.

    `minutes` without activity stop it, 0 never does; not before `keep_until`.
    """
    return None if last is None or not minutes else max(last + 60 * minutes, keep_until)


def described(measured: dict[str, Any], last: float | None, stops: float | None) -> dict[str, Any]:
    """The row's `activity`."""
    times = {"last-activity": last, "stops-at": stops}
    return measured | {name: int(value) for name, value in times.items() if value is not None}
