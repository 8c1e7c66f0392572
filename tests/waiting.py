"""Waits for conditions, with the limits of time that all tests share."""

import contextlib
import time
import urllib.request
from collections.abc import Callable
from typing import TypeVar

# Seconds. A quiet machine needs a small part of them; they end a test that hangs, and allow for a busy machine.
LIMIT = 240.0  # a process starts, a job ends
STEP = 45.0  # a page answers one action
# Between two looks: a part of the time waited so far, for a look may cost requests in three processes.
PART, SHORTEST, LONGEST = 0.1, 0.02, 0.3
T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str, tail: Callable[[], str] = lambda: "", within: float = LIMIT) -> T:
    """The first true value of `condition`; AssertionError naming `what`, with the text of `tail`, after `within` s."""
    began = time.monotonic()
    while not (value := condition()):
        waited = time.monotonic() - began
        assert waited < within, f"waited {within:.0f} s for {what}\n{tail()}"
        time.sleep(pause(waited))
    return value


def answers(url: str) -> None:
    """Returns once `url` answers 200."""

    def is_ok() -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return True
        return False

    wait_for(is_ok, f"{url} to answer")


def pause(waited: float) -> float:
    """Seconds until the next look at what was waited for `waited` seconds."""
    return min(max(PART * waited, SHORTEST), LONGEST)
