"""A connection between two machines of a job: both prove that they know its key, and nobody else reads along."""

import hmac
import os
import socket
import threading
import time
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LONGEST = 1 << 20  # bytes of one frame
SILENCE = 15  # seconds after which a machine that says nothing is lost
SIGN = 1.0  # seconds between two signs of life
NONCE = 32
HELLO, ALIVE = b"H", b"A"
HELLO_SIZE = 2 + 16  # bytes of the frame: its kind, the number, and the tag of AES-GCM


class LinkLost(OSError):
    """The other machine, or the way to it, is gone; or it was never one of this job's."""


class Link:
    """Frames between this machine and the one called `number`, in order. Any thread may send, one receives.

    A frame is its length, 4 bytes, and that many of AES-GCM, whose nonce counts the frames of a direction: each has a
    key of its own, made from the job's and of random bytes of both sides. Inside are a byte for the kind and the
    content. Each side gives a sign of life every SIGN seconds, by a thread of its own: a process that hangs while its
    kernel answers is as lost as a machine without current.
    """

    def __init__(self, connection: socket.socket, sending: bytes, receiving: bytes):
        self._connection = connection
        self._sending, self._receiving = AESGCM(sending), AESGCM(receiving)
        self._sent = self._received = 0
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self.number = -1

    @classmethod
    def connect(cls, address: tuple[str, int], source: str, key: bytes, own: int, seconds: float) -> "Link":
        """Return the link from this machine's address `source` to the one that listens at `address`. Raises OSError.

        `own` is this machine's number.
        """
        connection = socket.create_connection(address, seconds, (source, 0))
        return cls._open(connection, key, own, is_server=False, seconds=seconds)

    @classmethod
    def accept(cls, connection: socket.socket, key: bytes, own: int, seconds: float) -> "Link":
        """Return the link over an accepted connection. Raises OSError when the other side does not know the key."""
        return cls._open(connection, key, own, is_server=True, seconds=seconds)

    @classmethod
    def _open(cls, connection: socket.socket, key: bytes, own: int, is_server: bool, seconds: float) -> "Link":
        until = time.monotonic() + seconds  # for all of it: whoever sends a byte now and then gets no longer
        try:
            connection.settimeout(seconds)
            _watch(connection)
            mine = os.urandom(NONCE)
            connection.sendall(mine)
            theirs = _read(connection, NONCE, until)
            both = theirs + mine if is_server else mine + theirs
            keys = [hmac.digest(key, direction + both, "sha256") for direction in (b"to client", b"to server")]
            link = cls(connection, *(keys if is_server else reversed(keys)))
            link.send(HELLO, bytes([own]))
            kind, number = link._take(HELLO_SIZE, until)
            if kind != HELLO or len(number) != 1:
                raise LinkLost("the other side does not say which machine it is")
            link.number = number[0]
            connection.settimeout(SILENCE)
        except BaseException:
            connection.close()
            raise
        threading.Thread(target=link._give_signs, name=f"signs for machine {link.number}", daemon=True).start()
        return link

    def send(self, kind: bytes, content: bytes) -> None:
        """Send a frame; wait while the other side reads too slowly. Raises LinkLost."""
        with self._lock:
            sealed = self._sending.encrypt(self._sent.to_bytes(12, "big"), kind + content, None)
            self._sent += 1
            try:
                self._connection.sendall(len(sealed).to_bytes(4, "big") + sealed)
            except OSError as e:
                raise LinkLost(f"it does not answer ({e})") from e

    def receive(self) -> tuple[bytes, bytes]:
        """Wait for a frame; return its kind and content. Raises LinkLost."""
        while True:
            kind, content = self._take(LONGEST)
            if kind != ALIVE:
                return kind, content

    def _take(self, longest: int, until: float | None = None) -> tuple[bytes, bytes]:
        """As `receive`: a frame of at most `longest` bytes, until a time of time.monotonic."""
        try:
            length = int.from_bytes(_read(self._connection, 4, until), "big")
            if length > longest:
                raise LinkLost("it sends frames that are too long")
            sealed = _read(self._connection, length, until)
            opened = self._receiving.decrypt(self._received.to_bytes(12, "big"), sealed, None)
        except InvalidTag:
            raise LinkLost("it does not know the key of this job") from None
        except LinkLost:
            raise
        except OSError as e:
            raise LinkLost(f"it does not answer ({e})") from e
        self._received += 1
        return opened[:1], opened[1:]

    def _give_signs(self) -> None:
        with suppress(LinkLost):
            while not self._closed.wait(SIGN):
                self.send(ALIVE, b"")

    def close(self) -> None:
        """End the connection; who receives hears of it. Repeatable."""
        self._closed.set()
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


def _read(connection: socket.socket, size: int, until: float | None = None) -> bytes:
    """Return `size` bytes; each wait is as long as the connection's own limit, and all of them end at `until`."""
    parts = bytearray(size)
    view, filled = memoryview(parts), 0
    while filled < size:
        if until is not None:
            connection.settimeout(max(until - time.monotonic(), 0.001))
        count = connection.recv_into(view[filled:])
        if not count:
            raise LinkLost("it has closed the connection")
        filled += count
    return bytes(parts)


def _watch(connection: socket.socket) -> None:
    """Have the kernel notice within SILENCE seconds that the other machine is gone, whether anything is sent or not."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", max(1, SILENCE // 3)),
        ("TCP_KEEPINTVL", max(1, SILENCE // 3)),
        ("TCP_KEEPCNT", 2),
        ("TCP_USER_TIMEOUT", SILENCE * 1000),
    ):
        if hasattr(socket, option):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
