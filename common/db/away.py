"""What was known last counts for a minute while the database is away: a failover takes no longer."""

import time
from collections.abc import Callable
from typing import TypeVar

from common.db.retry import AWAY

T = TypeVar("T")
SECONDS = 60.0  # how old an answer may be that counts in place of a new one
PAUSE = 1.0  # seconds after a failure in which nobody asks who has an answer: to connect may take seconds
_silent_until = 0.0  # on the monotonic clock


def ask(question: Callable[[], T | None], known: T | None, age: float) -> T | None:
    """The database's answer to `question`; `known`, which is `age` seconds old, while it is away.

    Raises what `question` raises when nothing is known that is young enough.
    """
    global _silent_until
    if known is None or age > SECONDS:
        return question()
    if time.monotonic() < _silent_until:
        return known
    try:
        return question()
    except AWAY:
        _silent_until = time.monotonic() + PAUSE
        return known
