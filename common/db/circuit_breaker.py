"""A circuit breaker for the host of a database that drops packets instead of refusing them.

Whoever waits for such a host waits for a whole time limit. The first who did so opens the breaker: from then on
everybody is turned away at once, and only a probe in a thread of its own goes on trying. A host that refuses answers
quickly, so it never opens the breaker.
"""

import threading
import time
from collections.abc import Callable

SLOW = 1.0  # seconds of an attempt after which the host counts as silent
PAUSE = 0.5  # seconds between two tries of the probe
GRACE = 0.5  # seconds after the opening in which callers wait for the probe: a standby may have taken over already


class CircuitBreaker:
    """Open while a probe waits for the host. Safe in threads; a process that was forked needs one of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers = threading.Event()
        self._opened = 0.0  # on the monotonic clock
        self._probe: threading.Thread | None = None

    def admits(self) -> bool:
        """Return whether the host may be asked; waits at most GRACE seconds for that."""
        if self._probe is None or not self._probe.is_alive():
            return True
        return self._answers.wait(max(0.0, self._opened + GRACE - time.monotonic()))

    def attempt_failed(self, seconds: float, attempt: Callable[[], object]) -> None:
        """Open the breaker if an attempt of `seconds` says that the host is silent; `attempt` tries once more."""
        if seconds < SLOW:
            return
        with self._lock:
            if self._probe is None or not self._probe.is_alive():
                self._answers.clear()
                self._opened = time.monotonic()
                self._probe = threading.Thread(target=self._try, args=(attempt,), name="database probe", daemon=True)
                self._probe.start()

    def _try(self, attempt: Callable[[], object]) -> None:
        """Try until the host answers, be it to refuse."""
        while True:
            began = time.monotonic()
            try:
                attempt()
            except Exception:  # of whatever kind: callers see their own
                if time.monotonic() - began >= SLOW:
                    time.sleep(PAUSE)
                    continue
            self._answers.set()
            return
