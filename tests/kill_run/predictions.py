"""A client that asks an endpoint for predictions all the time, and when it got them."""

import http.client
import threading
import time
from urllib.parse import urlsplit

from bench.servers import headers

EVERY = 0.05  # seconds between two questions
TIMEOUT = 10.0  # seconds; an answer that takes longer counts as none


class Asker(threading.Thread):
    """Asks `url` for one row over a connection that it keeps; after a failure it asks again at once, over another.

    `answered` are the times of right answers on the monotonic clock, `failed` those of failures with their texts.
    """

    def __init__(self, name: str, url: str, row: bytes, key: tuple[str, str], region: str):
        super().__init__(name=f"predictions of {name}", daemon=True)
        self.endpoint, self.url, self.row, self.key, self.region = name, url, row, key, region
        self.expected = b""
        self.answered: list[float] = []
        self.failed: list[tuple[float, str]] = []
        self._over = threading.Event()
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self._ask()
            except (OSError, http.client.HTTPException) as e:
                self._fail(repr(e))
                self._over.wait(0.01)
            else:
                self._over.wait(EVERY)

    def end(self) -> None:
        """Ask no more."""
        self._over.set()
        self.join()
        self._close()

    def gaps(self) -> list[tuple[float, float]]:
        """(beginning, seconds) of the times without an answer."""
        return [(a, b - a) for a, b in zip(self.answered, self.answered[1:], strict=False)]

    def _ask(self) -> None:
        parts = urlsplit(self.url)
        if self._connection is None:
            self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
        self._connection.request("POST", parts.path, self.row, headers(self.url, self.row, *self.key, self.region))
        response = self._connection.getresponse()
        body = response.read()
        if response.status == 200 and (not self.expected or body == self.expected):
            self.expected = body
            self.answered.append(time.monotonic())
        else:
            self._fail(f"{response.status} {body[:200]!r}")
            self._over.wait(EVERY)

    def _fail(self, text: str) -> None:
        self.failed.append((time.monotonic(), text))
        self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
