"""The connections between machines of a job, and who else may call there."""

import socket
import threading
import time
from contextlib import ExitStack, suppress

import pytest

from common.db.claim import Unfinished
from engine.jobs.machines import link, mesh
from engine.jobs.machines.gang import ENDED, LEFT, First
from engine.jobs.machines.link import Link, LinkLost
from engine.jobs.machines.mesh import Mesh, Message
from tests.waiting import wait_for

KEY, ANOTHER = b"k" * 32, b"x" * 32
FIRST, SECOND, STRANGER = "127.0.0.11", "127.0.0.12", "127.0.0.13"


@pytest.fixture
def listener():
    with socket.create_server((FIRST, 0), backlog=200) as server:
        yield server


def called(listener, work) -> list:
    """What `work` returns or raises in a thread, once it has: it is given the connection that is accepted."""
    results: list = []

    def accept() -> None:
        try:
            results.append(work(listener.accept()[0]))
        except OSError as e:
            results.append(e)

    threading.Thread(target=accept, daemon=True).start()
    return results


def pair(listener) -> tuple[Link, Link]:
    """Two ends of a link: of the machine that is called, and of the other one."""
    accepted = called(listener, lambda caller: Link.accept(caller, KEY, 0, 5))
    theirs = Link.connect(listener.getsockname(), SECOND, KEY, 1, 5)
    wait_for(lambda: accepted, "the accepted end")
    return accepted[0], theirs


def test_a_link_carries_frames_both_ways_and_reads_nothing_twice(listener):
    ours, theirs = pair(listener)
    theirs.send(b"P", b"packet")
    assert ours.receive() == (b"P", b"packet") and (ours.number, theirs.number) == (1, 0)
    sealed = ours._sending.encrypt((0).to_bytes(12, "big"), b"Pagain", None)  # with a counter that has been
    ours._connection.sendall(len(sealed).to_bytes(4, "big") + sealed)
    with pytest.raises(LinkLost, match="does not know the key"):
        theirs.receive()
    ours.close()
    theirs.close()


def test_a_machine_that_hangs_is_lost_though_its_kernel_answers_and_one_that_waits_is_not(listener, monkeypatch):
    monkeypatch.setattr(link, "SILENCE", 1)
    monkeypatch.setattr(link, "SIGN", 0.1)
    ours, theirs = pair(listener)
    heard: list = []
    threading.Thread(target=lambda: heard.append(ours.receive()), daemon=True).start()
    time.sleep(2)  # nobody says anything of use
    theirs.send(b"M", b"still here")
    wait_for(lambda: heard, "the message after the silence")
    theirs._closed.set()  # its threads do nothing any more, and its connection stays
    with pytest.raises(LinkLost, match="does not answer"):
        ours.receive()
    ours.close()
    theirs.close()


def test_who_says_nothing_is_hung_up_on(listener):
    result = called(listener, lambda caller: Link.accept(caller, KEY, 0, 0.2))
    with socket.create_connection(listener.getsockname()):
        wait_for(lambda: result, "the end of the handshake")
    assert isinstance(result[0], OSError)


def test_who_says_a_byte_now_and_then_is_hung_up_on_before_it_has_said_all(listener):
    result = called(listener, lambda caller: Link.accept(caller, KEY, 0, 0.3))
    message = 0
    with socket.create_connection(listener.getsockname()) as caller, suppress(OSError):
        while not result and message < link.NONCE:
            caller.sendall(b"\0")  # before anybody loses patience with it
            message += 1
            time.sleep(0.1)
    assert message < link.NONCE and isinstance(result[0], OSError)


GARBAGE = {
    "another protocol": b"GET / HTTP/1.1\r\n\r\n" * 4,
    "a giant frame": bytes(link.NONCE) + b"\xff\xff\xff\xff",
    "a long frame": bytes(link.NONCE) + (1 << 20).to_bytes(4, "big"),
}


@pytest.mark.parametrize("head", GARBAGE.values(), ids=GARBAGE)
def test_garbage_and_long_frames_of_who_has_proved_nothing_are_not_waited_for(listener, head):
    result = called(listener, lambda caller: Link.accept(caller, KEY, 0, 30))
    with socket.create_connection(listener.getsockname()) as caller:
        caller.sendall(head)
        wait_for(lambda: result, "the end of the handshake")
    assert "too long" in str(result[0])


def link_up(first: Mesh, second: Mesh, listener: socket.socket, there: socket.socket, pause: float = 0.0) -> None:
    """Link up both machines; the first one begins `pause` seconds later."""
    positions = {0: listener.getsockname()}
    calling = threading.Thread(target=second.form, args=(there, KEY, positions, 20, lambda: None), daemon=True)
    calling.start()
    time.sleep(pause)
    first.form(listener, KEY, {1: (SECOND, 0)}, 20, lambda: None)
    calling.join()


def test_machines_link_up_however_many_strangers_call(listener, monkeypatch):
    monkeypatch.setattr(mesh, "CALLERS", 4)
    first, second = Mesh(0, {}), Mesh(1, {})
    with ExitStack() as stack, socket.create_server((SECOND, 0)) as there:
        strangers = [
            stack.enter_context(socket.create_connection(listener.getsockname(), 5, (STRANGER, 0))) for _ in range(100)
        ]
        rival = stack.enter_context(socket.create_connection(listener.getsockname(), 5, (SECOND, 0)))
        link_up(first, second, listener, there)
        for stranger in strangers:
            stranger.settimeout(5)
            assert stranger.recv(1) == b""
        rival.sendall(b"\0" * 20)
    first.tell(1, "hello")
    wait_for(lambda: [m.kind for m in second.messages()] == ["hello"], "the message")
    first.close()
    second.close()


def test_a_busy_machine_is_called_again(monkeypatch):
    """Whatever keeps it from answering in time: it starves, or strangers fill its backlog."""
    monkeypatch.setattr(mesh, "HANDSHAKE", 0.5)
    first, second = Mesh(0, {}), Mesh(1, {})
    with socket.create_server((FIRST, 0)) as listener, socket.create_server((SECOND, 0)) as there:
        link_up(first, second, listener, there, pause=0.7)
    second.tell(0, "hello")
    wait_for(lambda: [m.kind for m in first.messages()] == ["hello"], "the message")
    assert not first.lost
    first.close()
    second.close()


def test_who_has_the_key_of_another_attempt_is_not_let_in(listener):
    result = called(listener, lambda caller: Link.accept(caller, KEY, 0, 5))
    with pytest.raises(LinkLost):
        Link.connect(listener.getsockname(), SECOND, ANOTHER, 1, 5)
    wait_for(lambda: result, "the end of the handshake")
    assert isinstance(result[0], LinkLost)


class Received:
    """A mesh of which all that counts is what machine 1 has said."""

    lost: dict[int, str] = {}
    refused: OSError | None = None

    def __init__(self, *messages: tuple):
        self._messages = [Message(1, kind, content, 0.0) for kind, content in messages]

    def messages(self) -> list[Message]:
        """All of it."""
        return self._messages


def first_that_hears(*messages: tuple) -> First:
    return First(None, ["algo-1"], {}, Received(*messages), {1: ["algo-2"]}, {1: SECOND})


def test_a_machine_may_leave_once_its_members_have_ended():
    gang = first_that_hears((ENDED, []), (LEFT, ["The worker is shutting down.", False]))
    gang.check()
    assert gang.is_over
    with pytest.raises(Unfinished, match="shutting down"):
        first_that_hears((LEFT, ["The worker is shutting down.", False])).check()


def test_a_full_disk_of_the_first_machine_is_no_fault_of_the_one_that_sends(tmp_path):
    first, second = Mesh(0, {}, tmp_path / "missing"), Mesh(1, {})
    with socket.create_server((FIRST, 0)) as listener, socket.create_server((SECOND, 0)) as there:
        link_up(first, second, listener, there)
    (tmp_path / "file").write_bytes(b"content")
    second.send_file(0, "file", tmp_path / "file", lambda: False)
    second.tell(0, ENDED, [])
    gang = First(None, ["algo-1"], {}, first, {1: ["algo-2"]}, {1: SECOND})
    wait_for(lambda: first._messages, "the end")
    with pytest.raises(FileNotFoundError):
        gang.check()
    assert not gang.is_over and not first.lost
    first.close()
    second.close()


def test_a_file_is_sent_whole_and_no_further_once_that_is_cancelled(tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    first, second = Mesh(0, {}, inbox), Mesh(1, {})
    with socket.create_server((FIRST, 0)) as listener, socket.create_server((SECOND, 0)) as there:
        link_up(first, second, listener, there)
    content = bytes(range(256)) * (3 * mesh.PART_SIZE // 256) + b"end"
    (tmp_path / "file").write_bytes(content)
    second.send_file(0, "../whole", tmp_path / "file", lambda: False)
    answers = iter((False, True))
    second.send_file(0, "part", tmp_path / "file", lambda: next(answers))
    second.tell(0, ENDED, [])
    wait_for(lambda: first._messages, "the end")
    assert {path.name: path.read_bytes() for path in inbox.iterdir()} == {
        "whole": content,
        "part": content[: mesh.PART_SIZE],
    }
    first.close()
    second.close()
