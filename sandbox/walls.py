"""The steps that put a process into a sandbox, one for each level. The order is part of the protection."""

import os
import resource
import signal
import socket
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from sandbox import door, landlock, linux, root, seccomp
from sandbox.identity import Identity
from sandbox.network import Network
from sandbox.spec import Level, Spec

NAMESPACES = linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS | linux.CLONE_NEWCGROUP
_RESERVED = 2**30  # bytes that a process may reserve beyond twice the limit: the watcher ends the sandbox before it
_SHARED_MEMORY = 256 * 2**20  # bytes of System V, where /tmp has no limit
_MESSAGE_QUEUES = 32  # of System V, each of 16 KiB


def walled(
    spec: Spec, me: Identity, line: socket.socket, keep: Collection[int], network: Network | None = None
) -> None:
    """Enter as the first process of a PID namespace; return in its child. `line` leads to the keeper.

    `keep` are the descriptors that the child has beside 0, 1 and 2. Without `network` it has one of its own. Raises
    OSError.
    """
    linux.die_with_parent()
    os.setsid()  # out of the keeper's process group
    expect_the_oom_killer()
    linux.unshare(NAMESPACES | (0 if network else linux.CLONE_NEWNET))
    if network:
        network.join()
    has_system_v = limit_system_v(spec)
    socket.sethostname(spec.hostname)
    if not network:
        linux.raise_loopback()
    descriptors = [door.listen(one) for one in spec.doors]
    descriptors += root.build(spec, me.uid, me.gid)
    socket.send_fds(line, [b"ready"], descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    root.leave_old()
    linux.become(me.own)
    linux.set_dumpable(False)
    linux.die_with_parent()  # the change of user has cleared it
    signal.signal(signal.SIGTERM, lambda *_: None)  # replaced below: PID 1 gets no signal that it does not handle
    job = os.fork()
    if job:
        _follow(job, line)
    line.close()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    linux.set_dumpable(True)
    os.setsid()
    os.chdir(spec.cwd)
    set_limits(spec, alone=True)
    close_all_but(keep)
    if spec.command:  # Python ignores it, and what is ignored stays so in a shell's pipe
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    seccomp.install(network=True, system_v=has_system_v, pid_namespace=True)


def locked(spec: Spec, me: Identity, keep: Collection[int]) -> None:
    """Enter where there are no namespaces: by rules for files and system calls. Raises OSError."""
    linux.die_with_parent()
    os.setsid()
    expect_the_oom_killer()
    linux.become(me.own)
    linux.die_with_parent()
    os.chdir(spec.outside(spec.cwd))
    set_limits(spec, alone=me.own is not None)
    close_all_but(keep)
    readable = [Path(name) for name in (*root.SYSTEM, *root.SETTINGS, "/proc", "/etc/passwd", "/etc/group")]
    writable = [spec.folder, *(Path(name) for name in (*root.DEVICES, "/dev/shm"))]  # noqa: S108
    for bind in spec.binds:
        (writable if bind.writable else readable).append(bind.source)
    landlock.restrict(readable, writable)
    seccomp.install(network=False, system_v=False, pid_namespace=False)


def limited(spec: Spec, me: Identity, keep: Collection[int]) -> None:
    """Enter where there is nothing better: limits, a user of its own if root. Raises OSError."""
    if linux.IS_LINUX:
        linux.die_with_parent()
    os.setsid()
    if linux.IS_LINUX:
        expect_the_oom_killer()
        linux.become(me.own)
        linux.die_with_parent()
    os.chdir(spec.outside(spec.cwd))
    set_limits(spec, alone=me.own is not None)
    close_all_but(keep)


def environment(spec: Spec, level: Level) -> dict[str, str]:
    """Return the variables of the command, with a folder for temporary files where /tmp is not the sandbox's own."""
    if level is Level.WALLED or "TMPDIR" in spec.environment:
        return spec.environment
    return spec.environment | {"TMPDIR": str(spec.folder / "tmp")}


def expect_the_oom_killer() -> None:
    """Have the kernel end this process and its descendants first when memory runs out, where /proc can be written."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def limit_system_v(spec: Spec) -> bool:
    """Limit what System V's IPC may hold, which counts as nobody's memory; return whether that was possible.

    The process is in an IPC namespace of its own, which ends with the sandbox.
    """
    pages = (spec.limits.tmp or _SHARED_MEMORY) // os.sysconf("SC_PAGE_SIZE")
    try:
        for name, value in (("shmall", pages), ("msgmni", _MESSAGE_QUEUES)):
            Path("/proc/sys/kernel", name).write_text(str(value))
    except OSError:
        return False
    return True


def set_limits(spec: Spec, alone: bool) -> None:
    """Set the limits of processes. `alone`: no process outside the sandbox counts as this user's."""
    limits = spec.limits
    processes = limits.processes
    if processes and not alone:  # the kernel counts all threads of the user: these cannot be more than all there are
        processes = processes + _all_threads() if linux.IS_LINUX else 0
    for limit, value in (
        (resource.RLIMIT_CORE, linux.NO_CORE),
        (resource.RLIMIT_NPROC, processes or None),
        (resource.RLIMIT_NOFILE, limits.open_files or None),
        (resource.RLIMIT_FSIZE, limits.file_size or None),
        (resource.RLIMIT_DATA, 2 * limits.memory + _RESERVED if limits.memory else None),
    ):
        hard = resource.getrlimit(limit)[1]
        if value is not None and (hard == resource.RLIM_INFINITY or value < hard):
            with suppress(ValueError):  # macOS knows less of it
                resource.setrlimit(limit, (value, value))


def close_all_but(keep: Collection[int]) -> None:
    """Close every descriptor beyond 2 that is not in `keep`."""
    first = 3
    for descriptor in sorted(one for one in keep if one > 2):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, 1 << 20)


def silence() -> None:
    """Lead 0, 1 and 2 of this process to nothing, so that a reader of the command's output sees its end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def _follow(job: int, line: socket.socket) -> NoReturn:
    """Be the first process: pass SIGTERM on to all others, reap orphans, report the job's end. All end with it."""
    silence()
    close_all_but((line.fileno(),))
    signal.signal(signal.SIGTERM, lambda *_: os.kill(-1, signal.SIGTERM))
    while True:
        pid, status = os.wait()
        if pid == job:
            line.send(str(status).encode())
            os._exit(0)


def _all_threads() -> int:
    return int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])
