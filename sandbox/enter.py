"""Puts the calling process into a sandbox: forks its keeper and its walls around it."""

import os
import signal
import socket
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from common.process_group import adopt_orphans
from sandbox import identity, linux, walls
from sandbox.cgroup import Cgroup
from sandbox.keeper import SETUP_FAILED, Keeper
from sandbox.network import Network, enter_user_namespace
from sandbox.spec import Level, SandboxError, Spec


def enter(
    spec: Spec, level: Level, report: int, keep: Collection[int] = (), control: socket.socket | None = None,
    network: Network | None = None,
) -> None:  # fmt: skip
    """Become the keeper of a sandbox and never return, but in the process inside, which executes the command.

    Without a command this returns inside, with the environment, folder and limits of the sandbox. The process must have
    one thread. 0, 1 and 2 are the command's, and `keep` if it names more. The keeper writes to `report` and obeys
    `control` as sandbox.keeper says, and ends as the command did. A walled sandbox has a network of its own, or
    `network`. Raises SandboxError before anything runs.
    """
    spec.check_sources()
    me = identity.choose(spec, level)
    identity.give_writable(spec, me)
    group = _cgroup(spec)
    reading, started = os.pipe()
    line: tuple[socket.socket, socket.socket] | None = None
    if level is Level.WALLED:
        line = socket.socketpair(type=socket.SOCK_SEQPACKET)
        _prepare_namespaces(network)
    elif linux.IS_LINUX:
        adopt_orphans()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD))
    main = os.fork()
    if main:
        os.close(started)
        if line:
            line[1].close()
        descriptors = [reading, report, *([line[0].fileno()] if line else []), *([control.fileno()] if control else [])]
        walls.close_all_but(descriptors)
        shared_memory_of = me.own if linux.IS_LINUX and level is not Level.WALLED else None
        Keeper(spec, level, main, reading, line[0] if line else None, report, control, group, shared_memory_of).run()
    try:
        if group:
            with suppress(OSError):  # then the keeper's look at it is all there is
                group.join()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        _go_inside(spec, level, me, line[1] if line else None, {*keep, started}, network)
        os.environ.clear()
        os.environ.update(walls.environment(spec, level))
        if spec.command:
            for descriptor in keep:
                os.set_inheritable(descriptor, True)
            os.execvpe(spec.command[0], spec.command, os.environ)  # noqa: S606
        os.close(started)
    except BaseException as e:
        os.write(started, f"{type(e).__name__}: {e}".encode()[:4000])
        os._exit(SETUP_FAILED)


def _go_inside(
    spec: Spec, level: Level, me: identity.Identity, line: socket.socket | None, keep: Collection[int],
    network: Network | None,
) -> None:  # fmt: skip
    if line:
        walls.walled(spec, me, line, keep, network)
    elif level is Level.LOCKED:
        walls.locked(spec, me, keep)
    else:
        walls.limited(spec, me, keep)


def _cgroup(spec: Spec) -> Cgroup | None:
    """Return the sandbox's own cgroup; None without one, when the keeper counts alone."""
    if not spec.cgroup:
        return None
    try:
        return Cgroup.create(Path(spec.cgroup), spec.limits)
    except OSError:
        return None


def _prepare_namespaces(network: Network | None) -> None:
    """Have the next child be the first of a PID namespace. Who is not root needs a user namespace for that."""
    try:
        if os.geteuid() and not network:
            enter_user_namespace(linux.CLONE_NEWPID)
            return
        if os.geteuid() and network:
            network.join_user()
        linux.unshare(linux.CLONE_NEWPID)
    except OSError as e:
        raise SandboxError(f"This machine allows no namespaces: {e.strerror}") from e
