"""Attempts of a hostile script by /proc and by mounts. `hostile.py` runs them, beside its own, inside a sandbox."""

import ctypes
import os
import time
from contextlib import suppress
from pathlib import Path

TARGETS: dict = {}
libc = ctypes.CDLL(None, use_errno=True)


def read_the_first_process():
    """In a walled sandbox it is ours, and reports how the job has ended."""
    for path in ("/proc/1/environ", "/proc/1/maps"):
        with suppress(OSError):
            if Path(path).read_bytes():
                return True
    return os.path.exists(os.readlink("/proc/1/cwd"))


def reach_the_old_root():
    """By every name that leads out of where a process is."""
    for start in (
        "/old",
        "/proc/1/root",
        "/proc/1/cwd",
        "/proc/self/root/..",
        "/proc/self/cwd/../../../../../..",
        "//",
    ):
        with suppress(OSError):
            if "other" in os.listdir(f"{start}{TARGETS['jobs']}"):
                return True
    return False


def command_the_kernel():
    """Opened and not written: this would reboot the machine, or throw away its caches."""
    refused = []
    for path in ("/proc/sysrq-trigger", "/proc/sys/vm/drop_caches", "/proc/sys/fs/suid_dumpable"):
        try:
            with open(path, "r+" if "sys/" in path else "w"):
                return True
        except OSError as e:
            refused.append(str(e))
    return str(refused)


def mount_where_it_is_seen_outside():
    """Whether it is seen there, is seen outside."""
    result = libc.mount(b"none", b"model", b"tmpfs", 0, None)
    if result:
        return os.strerror(ctypes.get_errno())
    time.sleep(1)  # it ends with the sandbox, outside too
    return "mounted inside"


def change_the_interpreter():
    """A module that every Python of this machine imports; the program itself is busy, and refused to anybody."""
    with open(os.__file__, "r+b"):
        return True
