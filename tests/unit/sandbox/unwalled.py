"""A launcher whose sandboxes miss some walls, to show that an attempt gets through where its wall is taken out.

The walls that are missing are in the environment of the command, as WITHOUT, separated by spaces.
"""

import os
import sys
import tempfile

from sandbox import identity, keeper, launcher, linux, seccomp, walls

SECRET = 200  # a descriptor that somebody forgot to close


def nothing(*_, **__) -> None:
    pass


def without_root() -> None:
    walls.root.build = lambda *_: []
    walls.root.leave_old = nothing


def without_namespace(flag: int):
    def remove() -> None:
        real = linux.unshare
        linux.unshare = lambda flags: real(flags & ~flag)

    return remove


def without_identity() -> None:
    identity.choose = lambda *_: identity.Identity(os.geteuid(), os.getegid())


def without_privileges() -> None:
    """The user changes, nothing else."""

    def become(uid: int | None) -> None:
        if uid is not None:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)

    linux.become = become


def without_descriptors() -> None:
    walls.close_all_but = nothing
    with tempfile.TemporaryFile() as file:
        file.write(b"secret")
        file.flush()
        os.dup2(file.fileno(), SECRET)


def without_limits() -> None:
    walls.set_limits = nothing


def without_watch() -> None:
    keeper.Keeper._watch = nothing


def without_oom() -> None:
    walls.expect_the_oom_killer = nothing


def without_private_mounts() -> None:
    real = linux.mount
    private = linux.MS_REC | linux.MS_PRIVATE
    linux.mount = lambda *arguments: None if arguments[3] == private else real(*arguments)


WALLS = {
    "root": without_root,
    "pid": without_namespace(linux.CLONE_NEWPID),
    "network": without_namespace(linux.CLONE_NEWNET),
    "ipc": without_namespace(linux.CLONE_NEWIPC),
    "uts": without_namespace(linux.CLONE_NEWUTS),
    "identity": without_identity,
    "privileges": without_privileges,
    "descriptors": without_descriptors,
    "limits": without_limits,
    "watch": without_watch,
    "oom": without_oom,
    "private": without_private_mounts,
    "dumpable": lambda: setattr(linux, "set_dumpable", nothing),
    "seccomp": lambda: setattr(seccomp, "install", nothing),
    "readonly": lambda: setattr(linux, "restrict_mount", nothing),
}


def enter(spec, level, report, keep=(), control=None):
    missing = spec.environment["WITHOUT"].split()
    for name in missing:
        WALLS[name]()
    if "uts" in missing:
        walls.socket.sethostname = nothing
    if "network" in missing:
        linux.raise_loopback = nothing
    real(spec, level, report, keep, control)


real, launcher.enter = launcher.enter, enter

if __name__ == "__main__":
    sys.exit(launcher.main())
