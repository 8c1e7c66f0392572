"""The filter of system calls: what reaches far into the kernel, or out of a sandbox, is refused."""

import ctypes
import struct

from sandbox import linux
from sandbox.syscalls import NUMBERS

EPERM, EACCES, ENOSYS, EPROTONOSUPPORT, EAFNOSUPPORT = 1, 13, 38, 93, 97
REFUSED = (
    "acct", "add_key", "adjtimex", "bpf", "chroot", "clock_adjtime", "clock_settime", "delete_module", "fanotify_init",
    "finit_module", "fsconfig", "fsmount", "fsopen", "fspick", "init_module", "io_uring_enter", "io_uring_register",
    "io_uring_setup", "ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie", "mount",
    "mount_setattr", "move_mount", "name_to_handle_at", "open_by_handle_at", "open_tree", "perf_event_open",
    "personality", "pidfd_getfd", "pivot_root", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace",
    "quotactl", "quotactl_fd", "reboot", "request_key", "setdomainname", "sethostname", "setns", "settimeofday",
    "swapoff", "swapon", "syslog", "umount2", "unshare", "userfaultfd", "vhangup",
)  # fmt: skip
SYSTEM_V = (
    "msgctl", "msgget", "msgrcv", "msgsnd", "semctl", "semget", "semop", "semtimedop", "shmat", "shmctl", "shmdt",
    "shmget",
)  # fmt: skip
NOT_THERE = ("clone3", "memfd_create", "memfd_secret")  # callers know older kernels, and fall back to what is counted
# Calls on a process by its number, and where that is. Landlock forbids signals and ptrace, and none of these.
OF_PROCESSES = {
    "ioprio_set": 1, "migrate_pages": 0, "move_pages": 0, "prlimit64": 0, "sched_setaffinity": 0, "sched_setattr": 0,
    "sched_setparam": 0, "sched_setscheduler": 0, "setpriority": 1,
}  # fmt: skip
_BY_KIND = {"ioprio_set": 1, "setpriority": 0}  # the value of the first argument that means one process
_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16  # libzmq, and with it every Jupyter kernel, needs the last
_KINDS = (1, 2, 3)  # stream, datagram, raw: neither DCCP nor SCTP, whose modules the kernel would load
_KIND_BITS = 0xF  # beside flags
_PROTOCOLS = (0, 1, 6, 17, 58)  # whichever fits, ICMP, TCP, UDP, ICMP of IPv6
_ROUTE = 0  # of netlink, what interfaces there are; the others reach far into the kernel
_NEW_NAMESPACES = (
    linux.CLONE_NEWNS | linux.CLONE_NEWCGROUP | linux.CLONE_NEWUTS | linux.CLONE_NEWIPC | linux.CLONE_NEWUSER
    | linux.CLONE_NEWPID | linux.CLONE_NEWNET
)  # fmt: skip
_TERMINAL_REQUESTS = (0x5412, 0x541C, 0x5423)  # TIOCSTI, TIOCLINUX; TIOCSETD, which loads modules of the kernel
_DEVICE_FILES = (0o020000, 0o060000)
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000
_LOAD, _ALU_AND, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_SET, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_KILL, _ALLOW, _ERROR = 0x80000000, 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in seccomp_data
_SET_MODE_FILTER = 1


def install(network: bool, system_v: bool, pid_namespace: bool) -> None:
    """Filter the calls of this process and its descendants for ever.

    Without `network` there are no sockets at all, without `system_v` nothing of System V's IPC. Without a
    `pid_namespace` of its own a process changes limits and priorities of itself alone, as 0: a number may be another's.

    The process must have no_new_privs. Raises OSError.
    """
    code = program(linux.MACHINE, network, system_v, pid_namespace)
    instructions = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(instructions))
    linux.call("seccomp", _SET_MODE_FILTER, 0, header)


def program(machine: str, network: bool, system_v: bool, pid_namespace: bool) -> bytes:
    """Return the filter in classic BPF for an architecture."""
    numbers = NUMBERS[machine]
    code = [
        *_load(_ARCHITECTURE),
        *_unless(_JUMP_EQUAL, _AUDIT_ARCH[machine], _KILL),
        *_load(_NUMBER),
    ]
    if machine == "x86_64":
        code += _if(_JUMP_AT_LEAST, _X32, [_return(_ERROR | ENOSYS)])
    for name in NOT_THERE:  # the flags of clone3 are in memory; what memfd_create holds is in nobody's memory
        code += _if(_JUMP_EQUAL, numbers[name], [_return(_ERROR | ENOSYS)])
    refused = [*REFUSED, *(() if system_v else SYSTEM_V)]
    code += [
        i for name in refused if name in numbers for i in _if(_JUMP_EQUAL, numbers[name], [_return(_ERROR | EPERM)])
    ]
    code += _if(
        _JUMP_EQUAL,
        numbers["clone"],
        [*_argument(0), *_if(_JUMP_SET, _NEW_NAMESPACES, [_return(_ERROR | EPERM)]), _return(_ALLOW)],
    )
    ioctls = [i for request in _TERMINAL_REQUESTS for i in _if(_JUMP_EQUAL, request, [_return(_ERROR | EPERM)])]
    code += _if(_JUMP_EQUAL, numbers["ioctl"], [*_argument(1), *ioctls, _return(_ALLOW)])
    for name, index in (("mknod", 1), ("mknodat", 2)):
        if name in numbers:
            kinds = [i for kind in _DEVICE_FILES for i in _if(_JUMP_EQUAL, kind, [_return(_ERROR | EPERM)])]
            code += _if(_JUMP_EQUAL, numbers[name], [*_argument(index), _and(0o170000), *kinds, _return(_ALLOW)])
    if not pid_namespace:
        for name, index in OF_PROCESSES.items():
            own = [*_argument(index), *_if(_JUMP_EQUAL, 0, [_return(_ALLOW)]), _return(_ERROR | EPERM)]
            if name in _BY_KIND:
                own = [*_argument(0), *_unless(_JUMP_EQUAL, _BY_KIND[name], _ERROR | EPERM), *own]
            code += _if(_JUMP_EQUAL, numbers[name], own)
    code += _if(_JUMP_EQUAL, numbers["socket"], _sockets() if network else [_return(_ERROR | EACCES)])
    return b"".join([*code, _return(_ALLOW)])


def _sockets() -> list[bytes]:
    """Allow the families, kinds and protocols that programs use."""
    refused = _return(_ERROR | EPROTONOSUPPORT)
    protocol = [i for one in _PROTOCOLS for i in _if(_JUMP_EQUAL, one, [_return(_ALLOW)])]
    kinds = [i for one in _KINDS for i in _if(_JUMP_EQUAL, one, [*_argument(2), *protocol, refused])]
    internet = [*_argument(1), _and(_KIND_BITS), *kinds, refused]
    return [
        *_argument(0),
        *_if(_JUMP_EQUAL, _UNIX, [_return(_ALLOW)]),
        *_if(_JUMP_EQUAL, _NETLINK, [*_argument(2), *_if(_JUMP_EQUAL, _ROUTE, [_return(_ALLOW)]), refused]),
        *_if(_JUMP_EQUAL, _INET, internet),
        *_if(_JUMP_EQUAL, _INET6, internet),
        _return(_ERROR | EAFNOSUPPORT),
    ]


def _and(mask: int) -> bytes:
    return struct.pack("HBBI", _ALU_AND, 0, 0, mask)


def _load(offset: int) -> list[bytes]:
    return [struct.pack("HBBI", _LOAD, 0, 0, offset)]


def _argument(index: int) -> list[bytes]:
    """Load the low half of an argument; both architectures are little-endian."""
    return _load(_ARGUMENTS + 8 * index)


def _if(test: int, value: int, then: list[bytes]) -> list[bytes]:
    return [struct.pack("HBBI", test, 0, len(then), value), *then]


def _unless(test: int, value: int, action: int) -> list[bytes]:
    return [struct.pack("HBBI", test, 1, 0, value), _return(action)]


def _return(action: int) -> bytes:
    return struct.pack("HBBI", _RETURN, 0, 0, action)
