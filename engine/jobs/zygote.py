"""A warm, single-threaded process that forks one child a member, so that jobs need not load their libraries anew.

Run as `python -m engine.jobs.zygote PARENT_PID CONTROL_FD [MODULE:FUNCTION ...]`; it calls the functions, which load
libraries. The control socket carries lines, each the bytes of memory that a member may use (0 for no limit) and the
path of its folder, with the file descriptor for its output. The zygote responds {"pid": n}, with the descriptor of the
packets for other machines if the child's network has one, and when that child has ended {"pid": n, "exit": code} and
what it used if it was killed for that, "memory" or "disk" in bytes or "processes". A child runs the entry that
start.json in its folder names, and whatever it started ends with it. With a "sandbox" there (sandbox.spec) and its
"level", that runs in the sandbox, or the sandbox's command does; those with the same "network" share one, which leads
to other machines if there are "addresses" too. Closing the socket ends the zygote and every child. The line TWIN forks
another zygote, which has the descriptor as its control socket, says {"zygote": n} there first, and does not end with
this one. A zygote never imports Django, opens no connection and holds no key: nothing it forks can leak.
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
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from common.memory import memory_of
from common.process_group import adopt_orphans, children, die_with_parent, reap_all, signal_group
from engine.jobs.environment import inherited_environment
from engine.jobs.networks import Networks
from engine.jobs.reports import SETUP_FAILED, Report
from sandbox import keeper
from sandbox.enter import enter
from sandbox.network import Network
from sandbox.spec import ROOT, Level, SandboxError, Spec

TWIN = b"twin\n"
OPEN_FILES = 4096
LOOK = 0.1  # seconds between two looks at the memory of the children
LAST_GRACE = 2.0  # seconds to collect what a child left behind
NICENESS = 5  # training gives way to endpoints that answer people


def main() -> None:
    """Load the libraries of `sys.argv[3:]`, then start members as the worker asks for them, until it ends."""
    parent, control_fd, preload = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor handles Ctrl-C
    signal.signal(signal.SIGTERM, _end)
    die_with_parent(parent, signal.SIGTERM)
    control = socket.socket(fileno=control_fd)
    for name in preload:
        _function(name)()
    gc.freeze()  # the children share these pages; a collection would copy them
    adopt_orphans()  # a child that starts a session of its own cannot leave
    Zygote(control).serve()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends anyway


def _end(*_: object) -> None:
    """End once: a second signal, such as that of the worker's death, would break off what the first has begun."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


def _function(name: str) -> Callable:
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)


class Zygote:
    """The children and the socket that they are asked for by. `limits` has the bytes of memory each may use."""

    def __init__(self, control: socket.socket):
        self.control = control
        self.limits: dict[int, int] = {}
        self.killed: dict[int, int] = {}  # those killed for their memory, and the bytes they used
        self.reports: dict[int, Report] = {}  # of those in a sandbox, whose keeper watches their memory
        self.networks = Networks()

    def serve(self) -> None:
        """Fork for every request and report every exit, until the control socket closes."""
        signalled, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(signalled, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        try:
            while True:
                watching = LOOK if any(self.limits.values()) else None
                ready = select.select([self.control.fileno(), signalled], [], [], watching)[0]
                if self.control.fileno() in ready and not self._start():
                    return
                with contextlib.suppress(BlockingIOError):
                    os.read(signalled, 4096)
                self._kill_too_large()
                self._report_exits()
        except ConnectionError:
            return  # the runner ended with messages unread: nobody will ask for anything more
        finally:
            for pid in self.limits:
                signal_group(pid, signal.SIGKILL)
            reap_all(set(), LAST_GRACE)

    def _start(self) -> bool:
        """Fork the child that is asked for; False when nobody asks any more."""
        line, fds, _, _ = socket.recv_fds(self.control, 8192, 1)
        if not line:
            return False
        if line == TWIN:
            _fork_twin(fds[0])
            os.close(fds[0])
            return True
        memory, _, folder = line.decode().rstrip("\n").partition(" ")
        report = Report(Path(folder))
        pid = _fork(Path(folder), fds[0], int(memory), report, self.networks.of(Path(folder)))
        self.networks.add(Path(folder), pid)
        os.close(fds[0])
        report.follow()
        if report.is_sandboxed:
            self.reports[pid] = report
        self.limits[pid] = 0 if report.is_sandboxed else int(memory)
        _send(self.control, {"pid": pid}, self.networks.packets_of(Path(folder)))
        return True

    def _kill_too_large(self) -> None:
        """Kill every child that uses more memory than it may, its descendants and orphans counted."""
        orphans = children(os.getpid()) - {*self.limits}
        for pid, limit in self.limits.items():
            if limit and pid not in self.killed and (used := sum(map(memory_of, {pid, *orphans}))) > limit:
                self.killed[pid] = used
                if not signal_group(pid, signal.SIGKILL):
                    os.kill(pid, signal.SIGKILL)  # it leads no group yet

    def _report_exits(self) -> None:
        """Report every child that has ended, once nothing that it started is left."""
        ended: dict[int, int] = {}
        with contextlib.suppress(ChildProcessError):
            while (exited := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = exited
                if pid in self.limits:
                    signal_group(pid, signal.SIGKILL)
                    ended[pid] = os.waitstatus_to_exitcode(status)
                    del self.limits[pid]
                    self.networks.remove(pid)
        if ended:  # what has left its group is ours by now; of members that still run, only what they gave up
            reap_all({*self.limits}, LAST_GRACE)
        for pid, code in ended.items():
            used = {"memory": self.killed.pop(pid, 0)}
            if report := self.reports.pop(pid, None):
                used = report.read()
            _send(self.control, {"pid": pid, "exit": code, **used})


def _send(control: socket.socket, message: dict[str, int], descriptors: Sequence[int] = ()) -> None:
    line = json.dumps(message).encode() + b"\n"
    if descriptors:
        socket.send_fds(control, [line], descriptors)
    else:
        control.sendall(line)


def _fork_twin(control: int) -> None:
    """Fork a zygote that is asked by the socket `control`. It has the libraries of this one, which has no children."""
    if os.fork():
        return
    try:
        signal.set_wakeup_fd(-1)
        os.setsid()
        os.closerange(3, control)
        os.closerange(control + 1, OPEN_FILES)
        adopt_orphans()
        zygote = Zygote(socket.socket(fileno=control))
        _send(zygote.control, {"zygote": os.getpid()})
        zygote.serve()
    except BaseException as e:
        if not isinstance(e, SystemExit):
            traceback.print_exc()
    finally:
        os._exit(0)


def _fork(root: Path, output: int, memory: int, report: Report, network: Network | SandboxError | None) -> int:
    zygote = os.getpid()
    # A signal between the fork and the child's own handlers would run the zygote's, which end its other children.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})
    pid = os.fork()
    if pid:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        return pid
    code = 1
    try:
        start = json.loads((root / "start.json").read_text())
        _leave_zygote(output)
        if isinstance(network, SandboxError):
            raise network
        if sandbox := start.get("sandbox"):
            root = _enter_sandbox(zygote, Spec.from_json(sandbox), Level(start["level"]), memory, report, network)
        else:
            _become_member(zygote, root, start)
        _renew_state()
        code = _function(start["entry"])(root, start)
        sys.stdout.flush()
        sys.stderr.flush()
        ctypes.CDLL(None).fflush(None)  # C libraries print too, and _exit would forget it
    except BaseException as e:
        code = keeper.SETUP_FAILED
        traceback.print_exc()
        _write_failure(root, f"{SETUP_FAILED}{e}")
    finally:
        os._exit(code)


def _write_failure(root: Path, text: str) -> None:
    """Write output/failure, unless there is something of that name: a link could lead anywhere."""
    with contextlib.suppress(OSError), (root / "output/failure").open("x") as file:
        file.write(text)


def _leave_zygote(output: int) -> None:
    """Drop the zygote's signals and streams."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGCHLD})
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.nice(NICENESS)


def _enter_sandbox(zygote: int, spec: Spec, level: Level, memory: int, report: Report, network: Network | None) -> Path:
    """Go into the sandbox, whose keeper this process becomes; return the folder as it is called inside."""
    die_with_parent(zygote, signal.SIGHUP)  # the keeper ends what is inside first
    spec = replace(spec, limits=replace(spec.limits, memory=memory))
    os.umask(0o022)
    enter(spec, level, report.writing, network=network)
    return Path(ROOT) if level is Level.WALLED else spec.folder


def _become_member(zygote: int, root: Path, start: dict) -> None:
    """Drop everything of the zygote but its loaded libraries."""
    die_with_parent(zygote)
    os.closerange(3, OPEN_FILES)
    os.umask(0o077)
    _limit(start["file_size"])
    inherited = inherited_environment()
    os.environ.clear()
    os.environ.update(inherited | start["environment"])
    os.chdir(root)


def _renew_state() -> None:
    """Make anew what all children would share."""
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # else every member would draw the same numbers
    # New objects: the old ones are buffered for the zygote's own output, which is no pipe.
    sys.stdout = open(1, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115


def _limit(file_size: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for limit, value in ((resource.RLIMIT_NOFILE, OPEN_FILES), (resource.RLIMIT_FSIZE, file_size)):
        hard = resource.getrlimit(limit)[1]
        if value and (hard == resource.RLIM_INFINITY or value < hard):
            resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    main()
