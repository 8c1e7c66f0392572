"""uvicorn's HTTP protocol with a limit on the size of a request's head, which is buffered in memory."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Bytes. One read can bring the end of a body and the next head; the limit is far larger than a read.
MAX_HEAD = 1024 * 1024


class Protocol(HttpToolsProtocol):
    """One connection."""

    _head: int | None = None  # bytes of the head that is arriving; None outside of one

    def on_message_begin(self) -> None:
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head = None
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > MAX_HEAD and not self.transport.is_closing():
                self.send_400_response(f"The head of a request may have {MAX_HEAD} bytes.")
