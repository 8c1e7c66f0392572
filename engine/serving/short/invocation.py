"""One invocation on the short way, and what may be one: decided by its head, once, before anything is done for it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from uvicorn.server import ServerState

from engine.http.request import Headers
from engine.serving.app import ECHOED
from engine.serving.in_process import PLAIN_LIMIT
from engine.serving.invoke import TARGET_VARIANT, UNSUPPORTED_HEADERS

MAX_BODY = PLAIN_LIMIT  # bytes; above Predictor.inline_limit of plain numbers alone
MAX_NAMES = 10_000  # of endpoints, by the target of a request
_TARGET = re.compile(rb"/endpoints/([A-Za-z0-9-]{1,63})/invocations")  # signed as it is, without encoding
_names: dict[bytes, str] = {}
_ORDINARY = frozenset(  # headers that the ordinary way has to see
    name.encode()
    for name in (*UNSUPPORTED_HEADERS, *ECHOED, TARGET_VARIANT, "connection", "expect", "transfer-encoding", "upgrade")
)


class Connection(Protocol):
    """What the answer to an invocation needs of its connection."""

    server_state: ServerState
    is_reading: bool  # whether it parses what came; `answer_now` is called when it has

    @property
    def is_sending(self) -> bool:
        """Whether an answer is still to be handed to the kernel."""

    def answer(self, response: bytes, now: float) -> None:
        """Write the response."""

    def take_ordinary_way(self, invocation: Invocation) -> None:
        """Have the request answered there."""


class Parser(Protocol):
    """What the parser says of the head that it has read."""

    def get_method(self) -> bytes:
        """The request's method."""

    def should_keep_alive(self) -> bool:
        """Whether the connection stays for another request."""


class AnswerType(NamedTuple):
    """The content type that the model answers in; `labels` is the Accept header that asks to add labels, or None."""

    response_type: str
    labels: str | None


class Invocation:
    """One request. `headers` are its `fields` by lower-case names; `began` is on the monotonic clock.

    The methods answer as the parser does while the request is its own.
    """

    __slots__ = (
        "answer_now", "answer_type", "began", "body", "connection", "fields", "headers", "height", "key", "name",
        "put_back", "ready", "rows", "url",
    )  # fmt: skip
    put_back: Callable[[Invocation], None]  # takes it out of its batch
    answer_now: Callable[[], None] | None  # None: its batch answers it at the end of the turn
    key: str  # the id of the access key that signed it
    ready: float  # when it began to wait
    answer_type: AnswerType
    height: int  # rows
    rows: np.ndarray | None  # None: those of the body, which is plain CSV

    def __init__(self, connection: Connection, url: bytes, name: str, fields: Headers, headers: dict[bytes, bytes]):
        self.connection, self.url, self.name, self.fields, self.headers = connection, url, name, fields, headers
        self.body = b""
        self.began = time.monotonic()

    @classmethod
    def of_head(cls, connection: Connection, parser: Parser, url: bytes, fields: Headers) -> Invocation | None:
        """The invocation that begins with this head; None if the ordinary way has to see it."""
        name = _names.get(url) or _read_name(url)
        if name is None or parser.get_method() != b"POST":
            return None
        headers = {name.lower(): value for name, value in fields}
        # Without a header Connection, HTTP/1.1 is the version that keeps a connection alive.
        if len(headers) != len(fields) or not _ORDINARY.isdisjoint(headers) or not parser.should_keep_alive():
            return None
        length = headers.get(b"content-length", b"0")
        return cls(connection, url, name, fields, headers) if len(length) < 6 and 0 < int(length) <= MAX_BODY else None

    def get_method(self) -> bytes:
        """Return POST."""
        return b"POST"

    def get_http_version(self) -> str:
        """Return 1.1."""
        return "1.1"

    def should_keep_alive(self) -> bool:
        """Return True."""
        return True

    def should_upgrade(self) -> bool:
        """Return False."""
        return False


def _read_name(url: bytes) -> str | None:
    target = _TARGET.fullmatch(url)
    if target is None:
        return None
    if len(_names) >= MAX_NAMES:  # clients choose them
        _names.clear()
    name = _names[url] = target[1].decode()
    return name
