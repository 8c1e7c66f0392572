"""uvicorn's HTTP protocol with limits on what a client may make it hold: heads, pipelines, and time without progress.

A connection costs a file descriptor and some memory, never a thread; these limits give both back. One read may bring
14,000 requests, which uvicorn would parse in one turn of the event loop, and read on after each answer.
"""

import time

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Bytes. One read can bring the end of a body and the next head; the limit is far larger than a read.
MAX_HEAD = 1024 * 1024
HEAD_SECONDS = 20.0  # for the whole head of a request, and for the first byte of a new connection
BODY_SECONDS, BODY_BYTES = 30.0, 16 * 1024  # a body that is asked for brings so many bytes in so many seconds
ANSWER_SECONDS = 30.0  # within which a client takes some of what is ready for it
SLICE = 8 * 1024  # bytes that are parsed at once; no more while requests in them wait for answers before theirs
TICK = 5.0  # seconds between two looks at a connection
LINGER = 0.2  # seconds in which a server that ends still answers what was on its way over an idle connection
_NOTHING = memoryview(b"")


class Flow(FlowControl):
    """uvicorn's flow control, except that nothing resumes reading while `is_full`."""

    is_full = False

    def resume_reading(self) -> None:
        """Read on, unless there is enough to do."""
        if not self.is_full:
            super().resume_reading()


class Protocol(HttpToolsProtocol):
    """One connection."""

    flow: Flow

    _head: int | None = None  # bytes of the head that is arriving; None outside of one
    _head_at: float | None = 0.0  # since when a head is awaited; None while none is due
    _body_at, _body_bytes = 0.0, 0  # when the present window of the body began, and what it has brought
    _held = _NOTHING  # bytes that came and are not parsed yet: requests before them wait for their answers
    _is_ending = False  # the next request is the last
    _unsent, _sent_at = 0, 0.0  # bytes that wait for the client, and when it last took some

    def connection_made(self, transport) -> None:  # type: ignore[override]
        """Start the clocks of the head and of the answer, and the looks at the connection."""
        super().connection_made(transport)
        self.flow = Flow(transport)
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
        if self._is_ending and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Count the bytes of the body in its present window."""
        self._body_bytes += len(body)
        super().on_body(body)

    def data_received(self, data: bytes) -> None:
        """Parse bytes, but no further than the requests that may wait."""
        if len(data) <= SLICE and not self.pipeline and not self._held:
            self._parse(data)
            self.flow.is_full = bool(self.pipeline)
        else:
            self._held = memoryview(bytes(self._held) + data if self._held else data)
            self._parse_held()

    def on_response_complete(self) -> None:
        """Parse what was held back when no request waits any more, and only then read on."""
        super().on_response_complete()
        if self.flow.is_full and not self.pipeline:
            self._parse_held()
            if not self.transport.is_closing():
                self.flow.resume_reading()

    def shutdown(self) -> None:
        """As uvicorn's, but an idle connection ends with the answer to what is on its way, or after a moment."""
        if self.cycle is None or self.cycle.response_complete:
            self._is_ending = True
            self.loop.call_later(LINGER, super().shutdown)
        else:
            super().shutdown()

    def _parse_held(self) -> None:
        while self._held and not self.pipeline and not self.transport.is_closing():
            piece, self._held = self._held[:SLICE], self._held[SLICE:]
            self._parse(piece)
        if not self._held:
            self._held = _NOTHING  # the last piece would keep all that was read
        self.flow.is_full = bool(self.pipeline)
        if self.flow.is_full:
            self.flow.pause_reading()

    def _parse(self, data: bytes | memoryview) -> None:
        """Pass bytes on to the parser. Answer 400 when a head grows past MAX_HEAD."""
        super().data_received(data)  # type: ignore[arg-type]
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
        if self._head_at is not None and self.flow.is_full:  # we do not read what is left of it
            self._head_at = now
        if self._head_at is not None and now - self._head_at > HEAD_SECONDS:
            return True
        if self.flow.read_paused or not self._body_due:  # the application has not asked for more
            self._body_at, self._body_bytes = now, 0
        elif now - self._body_at > BODY_SECONDS:
            if self._body_bytes < BODY_BYTES:
                return True
            self._body_at, self._body_bytes = now, 0
        return now - self._sent_at > ANSWER_SECONDS
