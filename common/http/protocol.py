"""uvicorn's HTTP protocol with limits on what a client may make it hold: the size of a head, and time without progress.

A connection costs a file descriptor and some memory, never a thread; these limits give both back.
"""

import time

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Bytes. One read can bring the end of a body and the next head; the limit is far larger than a read.
MAX_HEAD = 1024 * 1024
HEAD_SECONDS = 20.0  # for the whole head of a request, and for the first byte of a new connection
BODY_SECONDS, BODY_BYTES = 30.0, 16 * 1024  # a body that is asked for brings so many bytes in so many seconds
ANSWER_SECONDS = 30.0  # within which a client takes some of what is ready for it
TICK = 5.0  # seconds between two looks at a connection


class Protocol(HttpToolsProtocol):
    """One connection."""

    _head: int | None = None  # bytes of the head that is arriving; None outside of one
    _head_at: float | None = 0.0  # since when a head is awaited; None while none is due
    _body_at, _body_bytes = 0.0, 0  # when the present window of the body began, and what it has brought
    _unsent, _sent_at = 0, 0.0  # bytes that wait for the client, and when it last took some

    def connection_made(self, transport) -> None:  # type: ignore[override]
        """Start the clocks of the head and of the answer, and the looks at the connection."""
        super().connection_made(transport)
        self._head_at = self._sent_at = time.monotonic()
        self._next_look(self._head_at)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the looks at the connection."""
        self._look.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Count the bytes of a head from here on."""
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop the clock of the head and start that of the body."""
        self._head = self._head_at = None
        self._body_at, self._body_bytes = time.monotonic(), 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count the bytes of the body in its present window."""
        self._body_bytes += len(body)
        super().on_body(body)

    def data_received(self, data: bytes) -> None:
        """Pass bytes on to the parser. Answer 400 when a head grows past MAX_HEAD."""
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > MAX_HEAD and not self.transport.is_closing():
                self.send_400_response(f"The head of a request may have {MAX_HEAD} bytes.")
        if self._head_at is None:
            cycle = self.cycle
            is_idle = cycle is not None and cycle.response_complete and not cycle.more_body
            if is_idle or self._head is not None:
                self._head_at = time.monotonic()

    def resume_writing(self) -> None:
        """Note that the client has taken some of the answer."""
        self._sent_at = time.monotonic()
        super().resume_writing()

    @property
    def _body_due(self) -> bool:
        return self.cycle is not None and self.cycle.more_body

    def _next_look(self, now: float) -> None:
        self._due = now + TICK
        self._look = self.loop.call_later(TICK, self._check)

    def _check(self) -> None:
        """End the connection if its client makes no progress, unless we were late ourselves: stopped, or starved."""
        now = time.monotonic()
        if now - self._due > TICK:
            self._body_at = self._sent_at = now
            self._head_at = now if self._head_at is not None else None
        elif self._is_stuck(now):
            self.transport.abort()
            return
        self._next_look(now)

    def _is_stuck(self, now: float) -> bool:
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent < self._unsent:
            self._sent_at = now
        self._unsent = unsent
        if self._head_at is not None and now - self._head_at > HEAD_SECONDS:
            return True
        if self.flow.read_paused or not self._body_due:  # the application has not asked for more
            self._body_at, self._body_bytes = now, 0
        elif now - self._body_at > BODY_SECONDS:
            if self._body_bytes < BODY_BYTES:
                return True
            self._body_at, self._body_bytes = now, 0
        return now - self._sent_at > ANSWER_SECONDS
