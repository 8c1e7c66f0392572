"""Doors: sockets that listen inside a sandbox and are accepted outside, the only network that it has."""

import selectors
import socket
from collections.abc import Callable
from contextlib import suppress

from sandbox.spec import Door, SandboxError

BUFFER = 256 * 1024
BACKLOG = 128
MAX_CONNECTIONS = 200  # of a sandbox; its keeper needs descriptors for its own work


def listen(door: Door) -> int:
    """Return the descriptor of a socket that listens inside, in whose network namespace this process is."""
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", door.port))
        listening.listen(BACKLOG)
    except OSError as e:
        listening.close()
        raise SandboxError(f"The sandbox's port {door.port} cannot be opened: {e.strerror}.") from e
    return listening.detach()


class Doorkeeper:
    """Accepts at the doors of one sandbox, and copies bytes both ways between each caller and its service."""

    def __init__(self, selector: selectors.BaseSelector):
        self._selector = selector
        self._listening: list[tuple[socket.socket, Door]] = []
        self._connections = 0

    def open(self, door: Door, descriptor: int) -> None:
        """Accept at a door from now on."""
        listening = socket.socket(fileno=descriptor)
        listening.setblocking(False)
        self._listening.append((listening, door))
        self._await(listening, door)

    def _await(self, listening: socket.socket, door: Door) -> None:
        self._selector.register(listening, selectors.EVENT_READ, lambda _: self._accept(listening, door))

    def _ended(self) -> None:
        self._connections -= 1
        for listening, door in self._listening:
            if listening not in self._selector.get_map():
                self._await(listening, door)

    def _accept(self, listening: socket.socket, door: Door) -> None:
        if self._connections >= MAX_CONNECTIONS:  # who comes now waits until another one ends
            self._selector.unregister(listening)
            return
        with suppress(OSError):
            caller, _ = listening.accept()
            try:
                service = _connect(door.address)
            except OSError:
                caller.close()  # as a service that is away does
                return
            self._connections += 1
            pairs = ((caller, service), (service, caller))
            there, back = (_Stream(self._selector, source, target, self._ended) for source, target in pairs)
            there.other, back.other = back, there
            there.update()
            back.update()


class _Stream:
    """One direction of a connection: what `source` sends goes to `target`."""

    other: "_Stream"

    def __init__(
        self, selector: selectors.BaseSelector, source: socket.socket, target: socket.socket, end: Callable[[], None]
    ):
        """`end` is called once the connection is closed."""
        self._selector, self._source, self._target, self._end = selector, source, target, end
        self._waiting = b""
        self._has_ended = self._is_passed_on = False
        source.setblocking(False)

    def update(self) -> None:
        """Wait for what can go on: reading while nothing is waiting here, writing while the other has something."""
        events = 0
        if not self._waiting and not self._has_ended:
            events |= selectors.EVENT_READ
        if self.other._waiting or (self.other._has_ended and not self.other._is_passed_on):
            events |= selectors.EVENT_WRITE
        known = self._source in self._selector.get_map()
        if events and known:
            self._selector.modify(self._source, events, self._ready)
        elif events:
            self._selector.register(self._source, events, self._ready)
        elif known:
            self._selector.unregister(self._source)

    def _ready(self, events: int) -> None:
        if self._source.fileno() < 0:  # closed by an event of the same turn
            return
        try:
            if events & selectors.EVENT_WRITE:
                self.other._write()
            if events & selectors.EVENT_READ and not self._waiting and not self._has_ended:
                self._waiting = self._source.recv(BUFFER)
                self._has_ended = not self._waiting
                self._write()
        except BlockingIOError:
            pass
        except OSError:
            self._close()
            return
        if self._is_passed_on and self.other._is_passed_on:
            self._close()
            return
        self.update()
        self.other.update()

    def _write(self) -> None:
        """Pass on what is waiting, then the end of it."""
        with suppress(BlockingIOError):
            if self._waiting:
                self._waiting = self._waiting[self._target.send(self._waiting) :]
        if self._has_ended and not self._waiting and not self._is_passed_on:
            self._is_passed_on = True
            with suppress(OSError):
                self._target.shutdown(socket.SHUT_WR)

    def _close(self) -> None:
        if self._source.fileno() < 0:
            return
        for end in (self._source, self._target):
            if end.fileno() >= 0 and end in self._selector.get_map():
                self._selector.unregister(end)
            end.close()
        self._end()


def _connect(address: str) -> socket.socket:
    """Return a connection to "HOST:PORT" or to the path of a unix socket. Both are on this machine: it is quick."""
    if "/" in address:
        service = socket.socket(socket.AF_UNIX)
        try:
            service.connect(address)
        except OSError:
            service.close()
            raise
        return service
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=5)
