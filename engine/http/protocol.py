"""HTTP as uvicorn speaks it, but a request's head may not go on for ever: it is held in memory, whoever sends it."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = (
    1024 * 1024
)  # bytes; far more than one read brings, so that a head is never blamed for the body before it


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
            if self._head > LONGEST_HEAD and not self.transport.is_closing():
                self.send_400_response(f"The head of a request may have {LONGEST_HEAD} bytes.")
