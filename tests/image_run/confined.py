"""Executes a command as an engine of containers does by default: `python confined.py USER COMMAND...`, as root.

The command has the user's rights, no capability and no way to gain one, and its calls that make or enter namespaces
or mount are refused, as by the seccomp profiles of Docker, containerd and CRI-O. Only the standard library is needed.
"""

import ctypes
import os
import platform
import struct
import sys

ARM = platform.machine() in ("aarch64", "arm64")
# x86-64, AArch64
REFUSED = {
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "setns": (308, 268),
    "unshare": (272, 97), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsmount": (432, 432), "mount_setattr": (442, 442), "bpf": (321, 280), "keyctl": (250, 219),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282),
}  # fmt: skip
CLONE, CLONE3 = (56, 220), (435, 435)
NAMESPACES = 0x7E020000  # of clone's flags
EPERM, ENOSYS = 1, 38
LOAD, JUMP_EQUAL, JUMP_SET, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, ERROR = 0x7FFF0000, 0x50000
SET_NO_NEW_PRIVS, SET_SECCOMP, FILTER, DROP_CAPABILITY = 38, 22, 2, 24
libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    user, command = int(sys.argv[1]), sys.argv[2:]
    for capability in range(64):
        libc.prctl(DROP_CAPABILITY, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    _check(libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    code = _program()
    lines = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(lines))
    _check(libc.prctl(SET_SECCOMP, FILTER, header, 0, 0))
    os.execvp(command[0], command)


def _program() -> bytes:
    def line(kind: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
        return struct.pack("HBBI", kind, then, otherwise, value)

    code = [line(LOAD, 0)]
    for number, error in [(numbers[ARM], EPERM) for numbers in REFUSED.values()] + [(CLONE3[ARM], ENOSYS)]:
        code += [line(JUMP_EQUAL, number, 0, 1), line(RETURN, ERROR | error)]
    code += [line(JUMP_EQUAL, CLONE[ARM], 0, 3), line(LOAD, 16), line(JUMP_SET, NAMESPACES, 0, 1)]
    return b"".join([*code, line(RETURN, ERROR | EPERM), line(RETURN, ALLOW)])


def _check(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    main()
