"""The links of one machine with the others of a job: the members' packets, messages, and the files that they leave."""

import json
import os
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from engine.jobs.machines.link import Link, LinkLost

PACKET, MESSAGE, PART = b"P", b"M", b"F"
BYE = "bye"
HANDSHAKE = 5.0  # seconds
CALLERS = 64  # that are listened to at a time before they have proved that they know the key
LOOK = 0.1  # seconds between two looks for another machine
WAITING = 1000  # packets that are kept until the members' network is there
PART_SIZE = 1 << 18  # bytes of a file in one frame
ADDRESS = slice(16, 20)  # of an IPv4 packet: where it goes


class Message(NamedTuple):
    """What machine `sender` has said: `kind` and what is with it. `at` is of time.monotonic."""

    sender: int
    kind: str
    content: Any
    at: float


class Mesh:
    """The links of the machine `own`. `routes` has the number of each member's machine by the member's address.

    A machine whose link ends without a word is in `lost`, with the reason. Files that others send go to `inbox`;
    `refused` is why this machine's disk does not take them, if it does not.
    """

    def __init__(self, own: int, routes: Mapping[str, int], inbox: Path | None = None):
        self.own, self.inbox = own, inbox
        self.lost: dict[int, str] = {}
        self.refused: OSError | None = None
        self._routes = {socket.inet_aton(address): number for address, number in routes.items()}
        self._links: dict[int, Link] = {}
        self._messages: deque[Message] = deque()
        self._early: deque[bytes] = deque(maxlen=WAITING)
        self._packets = -1
        self._lock = threading.Lock()
        self._stopping, self._stop = os.pipe()
        self._threads: list[threading.Thread] = []
        self._strangers = threading.BoundedSemaphore(CALLERS)

    def form(
        self, listener: socket.socket, key: bytes, others: Mapping[int, tuple[str, int]], seconds: float,
        meanwhile: Callable[[], None],
    ) -> None:  # fmt: skip
        """Link up with all `others`, addresses by number: those below this one are called, the rest call `listener`.

        `meanwhile` is called several times a second. Raises LinkLost after `seconds`.
        """
        until = time.monotonic() + seconds
        source = listener.getsockname()[0]
        for number in (number for number in sorted(others) if number < self.own):
            while number not in self._links:
                try:
                    self._call(number, others[number], source, key)
                except OSError as e:  # one that is busy, or whose port others keep busy, is called again
                    if time.monotonic() > until:
                        raise LinkLost(f"the machine at {others[number][0]} cannot be reached ({e})") from e
                    time.sleep(LOOK)
                meanwhile()
        listener.settimeout(LOOK)
        while missing := [number for number in others if number not in self._links]:
            if time.monotonic() > until:
                raise LinkLost(f"the machine at {others[missing[0]][0]} has not called")
            self._answer(listener, key, {others[number][0]: number for number in missing})
            meanwhile()

    def _call(self, number: int, address: tuple[str, int], source: str, key: bytes) -> None:
        link = Link.connect(address, source, key, self.own, HANDSHAKE)
        if link.number != number:
            link.close()
            raise LinkLost(f"it is machine {link.number}, not {number}")
        self._add(link)

    def _answer(self, listener: socket.socket, key: bytes, expected: Mapping[str, int]) -> None:
        """Wait LOOK seconds for a caller; hang up on whoever is at no address of a machine that is to call."""
        try:
            caller, peer = listener.accept()
        except TimeoutError:
            return
        except OSError:  # it has gone already, or this process has too many files open
            time.sleep(LOOK)
            return
        if peer[0] in expected and self._strangers.acquire(blocking=False):
            threading.Thread(target=self._greet, args=(caller, key, expected), daemon=True).start()
        else:
            caller.close()

    def carry(self, packets: int) -> None:
        """Carry the packets of the descriptor `packets`, which this closes in the end, to and from other machines."""
        os.set_blocking(packets, False)
        with self._lock:
            self._packets = packets
            while self._early:
                self._deliver(self._early.popleft())
        self._start(self._carry, "packets")

    def tell(self, number: int, kind: str, content: Any = None) -> None:
        """Send a message to a machine. One that is gone is in `lost`, or will be."""
        with suppress(LinkLost):
            self._links[number].send(MESSAGE, json.dumps([kind, content]).encode())

    def tell_all(self, kind: str, content: Any = None) -> None:
        """Send a message to every machine."""
        for number in self._links:
            self.tell(number, kind, content)

    def send_file(self, number: int, name: str, path: Path, is_cancelled: Callable[[], bool]) -> None:
        """Send a file to the inbox of a machine, as `name` there, or a part of it. Raises LinkLost."""
        link = self._links[number]
        with path.open("rb") as file:
            while not is_cancelled() and (part := file.read(PART_SIZE)):
                link.send(PART, name.encode() + b"\0" + part)

    def messages(self) -> list[Message]:
        """Return what other machines have said since the last call."""
        return [self._messages.popleft() for _ in range(len(self._messages))]

    def close(self) -> None:
        """Take leave of all machines and give everything back."""
        self.tell_all(BYE)
        for link in self._links.values():
            link.close()
        os.write(self._stop, b"x")
        for thread in self._threads:
            thread.join()  # before the descriptor's number can be another file's
        for descriptor in (self._stopping, self._stop, self._packets):
            if descriptor >= 0:
                os.close(descriptor)

    def _greet(self, caller: socket.socket, key: bytes, expected: Mapping[str, int]) -> None:
        """Take in a machine that has called, in a thread: who knows no key keeps nobody waiting."""
        try:
            with suppress(OSError):
                link = Link.accept(caller, key, self.own, HANDSHAKE)
                if link.number in expected.values() and link.number > self.own:
                    self._add(link)
                else:
                    link.close()
        finally:
            self._strangers.release()

    def _add(self, link: Link) -> None:
        self._links[link.number] = link
        self.lost.pop(link.number, None)  # it had hung up, and has called again
        self._start(self._listen, f"machine {link.number}", link)

    def _start(self, work: Callable[..., None], name: str, *arguments: Any) -> None:
        thread = threading.Thread(target=work, name=name, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self, link: Link) -> None:
        """Take what a machine sends until its link ends."""
        left = False
        try:
            while True:
                kind, content = link.receive()
                if kind == PACKET:
                    self._take(content)
                elif kind == PART:
                    self._write(content)
                else:
                    message, more = json.loads(content)
                    left = left or message == BYE
                    self._messages.append(Message(link.number, message, more, time.monotonic()))
        except (OSError, ValueError) as e:
            if not left and self._links[link.number] is link:
                self.lost[link.number] = str(e)

    def _take(self, packet: bytes) -> None:
        if self._packets < 0:
            with self._lock:
                if self._packets < 0:
                    self._early.append(packet)
                    return
        self._deliver(packet)

    def _deliver(self, packet: bytes) -> None:
        with suppress(OSError):  # the members' network is gone, or the packet is none
            os.write(self._packets, packet)

    def _carry(self) -> None:
        """Send the members' packets to the machines that they are for; one that is lost loses them."""
        waiting = select.poll()
        waiting.register(self._packets, select.POLLIN)
        waiting.register(self._stopping, select.POLLIN)
        while True:
            try:
                packet = os.read(self._packets, LONGEST_PACKET)
            except BlockingIOError:
                if self._stopping in dict(waiting.poll()):
                    return
                continue
            except OSError:
                return  # the last member has ended, and the network with it
            if packet[0] >> 4 == 4 and (link := self._links.get(self._routes.get(packet[ADDRESS], -1))):
                with suppress(LinkLost):
                    link.send(PACKET, packet)

    def _write(self, content: bytes) -> None:
        name, _, part = content.partition(b"\0")
        if self.inbox is None:
            raise ValueError("it sends files")
        try:
            with (self.inbox / Path(name.decode()).name).open("ab") as file:
                file.write(part)
        except OSError as e:
            self.refused = e


LONGEST_PACKET = 1 << 16  # bytes
