"""A warm, single-threaded process that forks one child a job, so that a job need not wait for its libraries to load.

Run as `python -m engine.training.zygote PARENT_PID CONTROL_FD [ALGORITHM ...]`. Over the control socket come lines,
each the path of a job's folder with the file descriptor its output goes to; back go {"pid": n}, and
{"pid": n, "exit": code} when that job has ended. Closing the socket ends the zygote and every job. It never imports
Django, opens no connection and holds no key: what it forks can leak nothing.
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
from pathlib import Path

import algorithms
from common.process_group import die_with_parent, signal_group
from engine.training import container
from engine.training.processes import kept_environment

OPEN_FILES = 4096
NICENESS = 5  # training gives way to endpoints that answer people


def main() -> None:
    parent, control_fd, names = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's business
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    die_with_parent(parent, signal.SIGTERM)
    control = socket.socket(fileno=control_fd)
    for name in names:
        _preload(name)
    gc.freeze()  # the children share these pages; a collection would copy them
    children: set[int] = set()
    try:
        _serve(control, children)
    finally:
        for pid in children:
            signal_group(pid, signal.SIGKILL)


def _preload(name: str) -> None:
    try:
        algorithms.get(name).load_trainer()
    except Exception as e:  # the job that needs it will say so in its own log
        print(f"zygote: could not load {name}: {e}", file=sys.stderr, flush=True)


def _serve(control: socket.socket, children: set[int]) -> None:
    """Fork at every order and report every end, until the control socket closes."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    while True:
        ready = select.select([control.fileno(), woken], [], [])[0]
        if control.fileno() in ready:
            line, fds, _, _ = socket.recv_fds(control, 8192, 1)
            if not line:
                return
            pid = _fork(Path(line.decode().rstrip("\n")), fds[0])
            os.close(fds[0])
            children.add(pid)
            _tell(control, pid=pid)
        with contextlib.suppress(BlockingIOError):
            os.read(woken, 4096)
        _report_ended(control, children)


def _report_ended(control: socket.socket, children: set[int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = ended
            signal_group(pid, signal.SIGKILL)  # what the job itself started goes with it
            children.discard(pid)
            _tell(control, pid=pid, exit=os.waitstatus_to_exitcode(status))


def _tell(control: socket.socket, **message: int) -> None:
    control.sendall(json.dumps(message).encode() + b"\n")


def _fork(root: Path, output: int) -> int:
    zygote = os.getpid()
    # A signal between the fork and the child's own handlers would run the zygote's, which end its other children.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})
    pid = os.fork()
    if pid:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        return pid
    code = container.CRASHED
    try:
        code = container.run(root, _become_job(zygote, root, output))
        sys.stdout.flush()
        sys.stderr.flush()
        ctypes.CDLL(None).fflush(None)  # C libraries print too, and _exit would forget it
    except BaseException as e:
        traceback.print_exc()
        (root / "output/failure").write_text(f"InternalServerError: the job's process could not be set up: {e}")
    finally:
        os._exit(code)


def _become_job(zygote: int, root: Path, output: int) -> dict:
    """Leave everything of the zygote behind but its loaded libraries; what start.json says of the job."""
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
    kept = kept_environment()
    os.environ.clear()
    os.environ.update(kept | start["environment"])
    os.chdir(root)
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # or every job would draw the zygote's numbers
    # New ones: the old remember whether the zygote's output was a file, and a pipe is none.
    sys.stdout = open(1, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    return start


def _limit(file_size: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for what, wanted in ((resource.RLIMIT_NOFILE, OPEN_FILES), (resource.RLIMIT_FSIZE, file_size)):
        hard = resource.getrlimit(what)[1]
        if wanted and (hard == resource.RLIM_INFINITY or wanted < hard):
            resource.setrlimit(what, (wanted, wanted))


if __name__ == "__main__":
    main()
