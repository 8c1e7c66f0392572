"""Memory and disk that a program hides from whoever counts them, and what a keeper survives."""

import os
import signal
import socket
import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.door import MAX_CONNECTIONS
from sandbox.launch import launch
from sandbox.spec import MIB, Door, Level, Limits, Spec
from tests.unit.sandbox.conftest import LEVELS

walled = pytest.mark.skipif(Level.WALLED not in LEVELS, reason="no namespaces here")
NAMELESS = """
import ctypes, os, time
ctypes.CDLL(None).prctl(15, b"\\xff\\xfe", 0, 0, 0)
keep = os.urandom(1) * (90 << 20)
time.sleep(60)
"""
PAGE_TABLES = """
import ctypes, time
libc = ctypes.CDLL(None)
libc.mmap.restype, libc.mmap.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
at = libc.mmap(None, 1 << 37, 1, 0x4022, -1, 0)
libc.madvise(ctypes.c_void_p(at), ctypes.c_size_t(1 << 37), 15)
for offset in range(0, 1 << 37, 1 << 21):
    ctypes.c_char.from_address(at + offset).value
time.sleep(60)
"""  # noqa: E501
MEMORY_FILE = """
import ctypes, os
try:
    os.memfd_create("x")
except OSError as e:
    print(e.strerror)
"""
SYSTEM_V = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print("got", sum(libc.shmget(0, 8 << 20, 0o1600) >= 0 for _ in range(8)))
"""
REMOVED = """
import os, time
opened = [os.open(name, os.O_CREAT | os.O_RDWR) for name in "abc"]
for name in "abc": os.unlink(name)
for one in opened: os.write(one, bytes(8 << 20))
time.sleep(60)
"""
MAPPED = """
import mmap, os, time
one = os.open("a", os.O_CREAT | os.O_RDWR)
os.unlink("a")
os.write(one, bytes(24 << 20))
keep = mmap.mmap(one, 24 << 20)
os.close(one)
time.sleep(60)
"""
DEEP = """
import os, time
for _ in range(30):
    os.mkdir("d" * 200); os.chdir("d" * 200)
with open("f", "wb") as file: file.write(bytes(24 << 20))
time.sleep(60)
"""

IN_FLIGHT = """
import os, socket, time
ours, theirs = socket.socketpair()
for _ in range(8):
    one = os.open("a", os.O_CREAT | os.O_RDWR)
    os.unlink("a")
    os.write(one, bytes(8 << 20))
    socket.send_fds(ours, [b"x"], [one])
    os.close(one)
time.sleep(60)
"""
SHARED = """
import multiprocessing, os, time
multiprocessing.get_context("fork").Queue().put(1)
os.mkdir("/dev/shm/of-a-job"); os.symlink("/etc/passwd", "/dev/shm/of-a-job/link")
with open("/dev/shm/of-a-job/file", "wb") as file: file.write(bytes(SIZE << 20))
"""


def run(folder: Path, source: str, level: Level, **limits: int) -> tuple[int, str, str]:
    """The exit code, the reason of the end and the output of a Python program."""
    spec = Spec(folder, ("/usr/bin/python3", "-c", source), {"PATH": "/usr/bin:/bin"}, limits=Limits(**limits))
    with (folder.parent / "output").open("w+") as output, launch(spec, level, stdout=output) as sandboxed:
        return sandboxed.wait(30), sandboxed.end_reason, (folder.parent / "output").read_text()


@pytest.mark.parametrize("source", [NAMELESS, PAGE_TABLES], ids=["a name that is no text", "page tables"])
def test_hidden_memory_is_counted(folder, level, source):
    assert run(folder, source, level, memory=60 * MIB)[:2] == (-signal.SIGKILL, "memory")


@pytest.mark.parametrize("source", [REMOVED, MAPPED, DEEP], ids=["removed", "removed and mapped", "below a long path"])
def test_hidden_files_are_counted(folder, level, source):
    if level is Level.LIMITED and source is MAPPED:
        pytest.skip("the same as for the others")
    assert run(folder, source, level, disk=10 * MIB)[:2] == (-signal.SIGKILL, "disk")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("size", ["nr_inodes=0,size=100m", "nr_inodes=3000,size=1g"], ids=["full", "without inodes"])
def test_files_on_their_way_between_processes_fill_no_disk(folder, level, size):
    """No process has them, and no folder: their size cannot be asked, but who has such fills no disk."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
    try:
        (folder / "tmp").mkdir()
        for number in range(2900 if "3000" in size else 0):
            (folder / f"of-others-{number}").touch()
        assert run(folder, IN_FLIGHT, level, disk=1 << 40)[:2] == (-signal.SIGKILL, "disk")
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_what_a_job_leaves_in_shared_memory_counts_and_is_removed(level):
    """Where /dev/shm is the machine's, this can be done for a user that is the sandbox's own."""
    if os.geteuid() and level is not Level.WALLED:
        pytest.skip("only root can give a user of its own")
    left = Path("/dev/shm/of-a-job")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as base:  # everybody may walk there, unlike to pytest's folders
        Path(base).chmod(0o711)
        folder = Path(base, "job")
        folder.mkdir()
        small, large = (SHARED.replace("SIZE", size) for size in ("1", "90"))
        assert run(folder, small, level, memory=60 * MIB)[0] == 0
        assert not left.exists()
        assert run(folder, large + "time.sleep(60)", level, memory=60 * MIB)[:2] == (-signal.SIGKILL, "memory")
        assert not left.exists()
    assert Path("/etc/passwd").exists()


def test_there_are_no_files_in_memory_beside_those_of_its_folders(folder, level):
    if level is not Level.LIMITED:
        assert "Function not implemented" in run(folder, MEMORY_FILE, level)[2]


def test_shared_memory_of_system_v_has_a_limit(folder, level):
    if level is not Level.LIMITED:
        got = int(run(folder, SYSTEM_V, level, tmp=20 * MIB)[2].split()[1])
        assert got <= 2


@pytest.mark.parametrize("number", [32, 33, 40, 64])
def test_any_signal_ends_it_as_it_was(shell, level, number):
    """Two of them belong to the C library, which lets no program handle them."""
    assert shell(f"kill -{number} $$", level).wait(20) == -number


def test_a_pipe_that_nobody_reads_ends_a_program(shell, level, output):
    assert shell("yes | head -1", level).wait(20) == 0
    assert "y\n" in output()
    assert "error" not in output()


@walled
def test_a_door_leaves_its_keeper_descriptors(folder):
    """Connections beyond the most wait until another one ends; the keeper goes on watching."""
    service = socket.create_server(("127.0.0.1", 0), backlog=MAX_CONNECTIONS)
    accepted: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                accepted.append(service.accept()[0])
                threading.Thread(target=_end_with, args=(accepted[-1],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    program = f"""
import socket, time
held = [socket.create_connection(("127.0.0.1", 8002)) for _ in range({MAX_CONNECTIONS} + 50)]
time.sleep(0.5)
for one in held[:60]: one.close()
time.sleep(0.5)
keep = b"x" * (200 << 20)
time.sleep(60)
"""
    spec = Spec(
        folder, ("/usr/bin/python3", "-c", program), doors=(Door(8002, f"127.0.0.1:{service.getsockname()[1]}"),),
        limits=Limits(memory=100 * MIB),
    )  # fmt: skip
    with launch(spec, Level.WALLED) as sandboxed:
        assert (sandboxed.wait(30), sandboxed.end_reason) == (-signal.SIGKILL, "memory")
    assert len(accepted) == MAX_CONNECTIONS + 50
    service.close()


def _end_with(caller: socket.socket) -> None:
    with caller:
        caller.recv(1)
