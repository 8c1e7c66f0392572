"""One connection of the gateway: uvicorn's protocol, except for the invocations that it answers itself.

The callbacks only collect (1.2 us a request). Between its head and its answer a request is in `_open` while its body
arrives, then in `_waiting` until the turn of the loop ends. A request that is put back goes through uvicorn's own
callbacks as if it had just come.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from common.http.protocol import Protocol
from engine.http.request import Headers
from engine.serving.short.batch import wait_for_answer
from engine.serving.short.invocation import Invocation


class ShortWay(Protocol):
    """One connection."""

    is_reading = False
    _url = b""
    _fields: Headers
    _open: Invocation | None = None
    _waiting: Invocation | None = None
    _idle_since: float | None = None  # since when a client may send its next request, after an answer from here

    def data_received(self, data: bytes) -> None:
        """Parse bytes, and answer what waits for nobody. What comes behind it may yet put it back."""
        self.is_reading = True
        try:
            super().data_received(data)
        finally:
            self.is_reading = False
            if self._waiting is not None and self._waiting.answer_now is not None:
                self._waiting.answer_now()

    def on_message_begin(self) -> None:
        """Collect a head."""
        self._head, self._url, self._fields, self._idle_since = 0, b"", [], None

    def on_url(self, url: bytes) -> None:
        """Collect the target, which may come in parts."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a header."""
        self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        """Begin an invocation, or put the head back: behind an answer of the ordinary way it would come too soon."""
        if self._waiting is not None:
            self._put_back(self._waiting)
        if self._is_free():
            self._open = Invocation.of_head(self, self.parser, self._url, self._fields)
        if self._open is None:
            super().on_message_begin()
            super().on_url(self._url)
            for name, value in self._fields:
                super().on_header(name, value)
            super().on_headers_complete()
            return
        self.cycle = None  # type: ignore[assignment]  # the last one's body is over, whether or not it was read
        self._head = self._head_at = None
        self._body_at, self._body_bytes = self._open.began, 0

    def on_body(self, body: bytes) -> None:
        """Collect the body."""
        if self._open is None:
            super().on_body(body)
        else:
            self._open.body += body

    def on_message_complete(self) -> None:
        """Let the request wait for its answer, or put it back."""
        if self._open is None:
            super().on_message_complete()
            return
        self._waiting, self._open = self._open, None
        if self.flow.write_paused or not wait_for_answer(self._waiting):  # there it waits until the client reads
            self.take_ordinary_way(self._waiting)

    @property
    def is_sending(self) -> bool:
        """Whether an answer is still to be handed to the kernel. uvloop hands over all of a turn at its end."""
        return self.transport.get_write_buffer_size() > 0

    def answer(self, response: bytes, now: float) -> None:
        """Write the response to the request that waits."""
        self._waiting, self._idle_since = None, now if self._head is None else None  # else the next has begun
        if not self.transport.is_closing():
            self.transport.write(response)

    def take_ordinary_way(self, invocation: Invocation, is_complete: bool = True) -> None:
        """Give a request to uvicorn, which asks its parser for what `invocation` knows: the parser may be ahead."""
        self._waiting = None
        if self.parser is None:  # the client has gone
            return
        parser, self.parser = self.parser, invocation  # type: ignore[assignment]
        try:
            HttpToolsProtocol.on_message_begin(self)
            HttpToolsProtocol.on_url(self, invocation.url)
            for name, value in invocation.fields:
                HttpToolsProtocol.on_header(self, name, value)
            HttpToolsProtocol.on_headers_complete(self)
            if invocation.body:
                HttpToolsProtocol.on_body(self, invocation.body)
            if is_complete:
                HttpToolsProtocol.on_message_complete(self)
        finally:
            self.parser = parser

    def shutdown(self) -> None:
        """As uvicorn's: what has come in part is answered, then the connection ends."""
        if self._waiting is not None:
            self._put_back(self._waiting)
        if self._open is not None:
            invocation, self._open = self._open, None
            self.take_ordinary_way(invocation, is_complete=False)
        super().shutdown()

    def _put_back(self, invocation: Invocation) -> None:
        """Take a request out of its batch."""
        invocation.put_back(invocation)
        self.take_ordinary_way(invocation)

    def _is_free(self) -> bool:
        """Whether no answer is under way that this one would come before."""
        is_answered = self.cycle is None or self.cycle.response_complete
        is_open = not self._is_ending and not self.transport.is_closing()
        return is_answered and is_open and self.limit_concurrency is None

    @property
    def _body_due(self) -> bool:
        return self._open is not None or super()._body_due

    def _is_stuck(self, now: float) -> bool:
        """As before, or idle for too long. uvicorn's timer for that is two microseconds of each answer."""
        is_idle = self._idle_since is not None and now - self._idle_since > self.timeout_keep_alive
        return is_idle or super()._is_stuck(now)
