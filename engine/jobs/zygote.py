"""A warm, single-threaded process that forks one child a member, so that jobs need not load their libraries anew.

Run as `python -m engine.jobs.zygote PARENT_PID CONTROL_FD [MODULE:FUNCTION ...]`; it calls the functions, which load
libraries. The control socket carries lines, each the path of a member's folder with the file descriptor for its output;
the zygote responds {"pid": n}, and {"pid": n, "exit": code} when that child has ended. A child runs the entry that
start.json in its folder names. Closing the socket ends the zygote and every child. It never imports Django, opens no
connection and holds no key: what it forks can leak nothing.
"""

import contextlib
import ctypes
import gc
import json
import os
import random
import resource
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from common.process_group import die_with_parent, signal_group
from engine.jobs.environment import inherited_environment

OPEN_FILES = 4096
NICENESS = 5  # training gives way to endpoints that answer people


def main() -> None:
    parent, control_fd, preload = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor handles Ctrl-C
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    die_with_parent(parent, signal.SIGTERM)
    control = socket.socket(fileno=control_fd)
    for name in preload:
        _function(name)()
    gc.freeze()  # the children share these pages; a collection would copy them
    children: set[int] = set()
    try:
        _serve(control, children)
    finally:
        for pid in children:
            signal_group(pid, signal.SIGKILL)


def _function(name: str) -> Callable:
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)


def _serve(control: socket.socket, children: set[int]) -> None:
    """Fork for every request and report every exit, until the control socket closes."""
    signalled, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(signalled, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    while True:
        ready = select.select([control.fileno(), signalled], [], [])[0]
        if control.fileno() in ready:
            line, fds, _, _ = socket.recv_fds(control, 8192, 1)
            if not line:
                return
            pid = _fork(Path(line.decode().rstrip("\n")), fds[0])
            os.close(fds[0])
            children.add(pid)
            _send(control, pid=pid)
        with contextlib.suppress(BlockingIOError):
            os.read(signalled, 4096)
        _report_exits(control, children)


def _report_exits(control: socket.socket, children: set[int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (exited := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = exited
            signal_group(pid, signal.SIGKILL)  # and with it what the child itself started
            children.discard(pid)
            _send(control, pid=pid, exit=os.waitstatus_to_exitcode(status))


def _send(control: socket.socket, **message: int) -> None:
    control.sendall(json.dumps(message).encode() + b"\n")


def _fork(root: Path, output: int) -> int:
    zygote = os.getpid()
    # A signal between the fork and the child's own handlers would run the zygote's, which end its other children.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})
    pid = os.fork()
    if pid:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        return pid
    code = 1
    try:
        start = _become_member(zygote, root, output)
        code = _function(start["entry"])(root, start)
        sys.stdout.flush()
        sys.stderr.flush()
        ctypes.CDLL(None).fflush(None)  # C libraries print too, and _exit would forget it
    except BaseException as e:
        traceback.print_exc()
        (root / "output/failure").write_text(f"InternalServerError: the job's process could not be set up: {e}")
    finally:
        os._exit(code)


def _become_member(zygote: int, root: Path, output: int) -> dict:
    """Drop everything of the zygote but its loaded libraries; return start.json."""
    start = json.loads((root / "start.json").read_text())
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGCHLD})
    os.setsid()
    die_with_parent(zygote)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.closerange(3, OPEN_FILES)
    os.umask(0o077)
    os.nice(NICENESS)
    _limit(start["file_size"])
    inherited = inherited_environment()
    os.environ.clear()
    os.environ.update(inherited | start["environment"])
    os.chdir(root)
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # else every member would draw the same numbers
    # New objects: the old ones are buffered for the zygote's own output, which is no pipe.
    sys.stdout = open(1, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    return start


def _limit(file_size: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for limit, value in ((resource.RLIMIT_NOFILE, OPEN_FILES), (resource.RLIMIT_FSIZE, file_size)):
        hard = resource.getrlimit(limit)[1]
        if value and (hard == resource.RLIM_INFINITY or value < hard):
            resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    main()
