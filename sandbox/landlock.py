"""Landlock rules: which files a process may reach, for machines that allow no namespaces."""

import os
import stat
import struct
from pathlib import Path

from sandbox import linux

_EXECUTE, _READ_FILE, _READ_DIR = 1, 4, 8
READ = _EXECUTE | _READ_FILE | _READ_DIR
_FILE_RIGHTS = 0x1 | 0x2 | 0x4 | 0x4000 | 0x8000  # execute, write, read, truncate, ioctl on devices
_FILES = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}  # by version of the interface
_BIND_TCP, _CONNECT_TCP = 1, 2
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2
_VERSION, _PATH_BENEATH = 1, 1
RESTRICTS_TCP, SCOPES_SIGNALS = 4, 6  # the first versions that do: Linux 6.7 and 6.12


def version() -> int:
    """Return the version of the kernel's interface, 0 without Landlock."""
    try:
        return linux.call("landlock_create_ruleset", None, 0, _VERSION)
    except OSError:
        return 0


def restrict(readable: list[Path], writable: list[Path]) -> None:
    """Allow this process and its descendants these files and folders alone, and no TCP. Missing ones are left out.

    The process must have no_new_privs. Raises OSError.
    """
    has = version()
    everything = _FILES[min(max(has, 1), 5)]
    attributes = struct.pack("Q", everything)
    if has >= RESTRICTS_TCP:
        attributes += struct.pack("Q", _BIND_TCP | _CONNECT_TCP)
    if has >= SCOPES_SIGNALS:
        attributes += struct.pack("Q", _ABSTRACT_SOCKETS | _SIGNALS)
    rules = linux.call("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        for path in readable:
            _allow(rules, path, READ & everything)
        for path in writable:
            _allow(rules, path, everything)
        linux.call("landlock_restrict_self", rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            rights &= _FILE_RIGHTS
        linux.call("landlock_add_rule", rules, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    finally:
        os.close(opened)
