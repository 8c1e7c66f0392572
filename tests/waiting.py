"""Waits for conditions, with the limits of time that all tests share."""

import contextlib
import time
import urllib.request
from collections.abc import Callable
from typing import TypeVar

# Seconds. A quiet machine needs a small part of them; they end a test that hangs, and allow for a busy machine.
LIMIT = 240.0  # a process starts, a job ends
STEP = 45.0  # a page answers one action
T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str, tail: Callable[[], str] = lambda: "", within: float = LIMIT) -> T:
    """The first true value of `condition`; AssertionError naming `what`, with the text of `tail`, after `within` s."""
    give_up = time.monotonic() + within
    while not (value := condition()):
        assert time.monotonic() < give_up, f"waited {within:.0f} s for {what}\n{tail()}"
        time.sleep(0.05)
    return value


def answers(url: str) -> None:
    """Returns once `url` answers 200."""

    def is_ok() -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return True
        return False

    wait_for(is_ok, f"{url} to answer")
