"""Attempts of a hostile script by system calls: on other processes, on parts of the kernel, on what is outside.

`hostile.py` runs them, beside its own, inside a sandbox.
"""

import ctypes
import fcntl
import os
import platform
import resource
import signal
import socket
import struct

ARM = platform.machine() in ("aarch64", "arm64")
SYSCALLS = {  # x86-64, AArch64
    "setns": (308, 268), "memfd_create": (319, 279), "ioprio_set": (251, 30), "fsopen": (430, 430),
    "open_tree": (428, 428), "mount_setattr": (442, 442), "open_by_handle_at": (304, 265), "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440), "quotactl": (179, 60),
}  # fmt: skip
MULTIPATH_TCP, UDP_LITE, SCTP, DCCP = 262, 136, 132, 33
TARGETS: dict = {}
libc = ctypes.CDLL(None, use_errno=True)


def syscall(name: str, *arguments) -> int:
    """The result of a system call, -errno if it failed."""
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(SYSCALLS[name][ARM]), *converted)
    return -ctypes.get_errno() if result < 0 else result


def change_the_limits_of_a_process():
    limits = resource.prlimit(TARGETS["pid"], resource.RLIMIT_CPU)
    resource.prlimit(TARGETS["pid"], resource.RLIMIT_CPU, limits)
    return True


def take_processors_from_a_process():
    os.sched_setaffinity(TARGETS["pid"], os.sched_getaffinity(0))
    return True


def make_a_process_wait_for_all_others():
    os.sched_setscheduler(TARGETS["pid"], os.SCHED_BATCH, os.sched_param(0))
    return True


def make_a_process_wait_for_the_disk():
    one_process, idle = 1, 3 << 13
    result = syscall("ioprio_set", one_process, TARGETS["pid"], idle)
    return result == 0 or os.strerror(-result)


def signal_a_process_by_a_descriptor():
    signal.pidfd_send_signal(os.pidfd_open(TARGETS["pid"]), 0)
    return True


def take_a_descriptor_from_a_process():
    result = syscall("pidfd_getfd", os.pidfd_open(TARGETS["pid"]), 0, 0)
    return result >= 0 or os.strerror(-result)


def enter_namespaces():
    """Those of the first process that it sees, which is outside where it sees all, then its own."""
    refused = []
    for path in ("/proc/1/ns/mnt", f"/proc/{TARGETS['pid']}/ns/mnt", "/proc/self/ns/net"):
        try:
            result = syscall("setns", os.open(path, os.O_RDONLY), 0)
            refused.append(os.strerror(-result))
            if result == 0:
                return True
        except OSError as e:
            refused.append(str(e))
    return str(refused)


def mount_by_new_calls():
    """Invalid arguments: whoever gets as far as to be told so has got through."""
    results = {
        "fsopen": syscall("fsopen", b"tmpfs", 0),
        "open_tree": syscall("open_tree", -100, b"/", 1),
        "mount_setattr": syscall("mount_setattr", -100, b"/", 0, 0, 0),
    }
    return any(-result not in (1, 38) for result in results.values()) or str(results)


def open_a_file_by_its_number():
    """Files of a file system have handles that are easy to guess: the root folder's has inode 2."""
    handle = struct.pack("IiII", 8, 1, 2, 0)
    result = syscall("open_by_handle_at", os.open("/", os.O_RDONLY), handle, 0)
    return -result != 1 or os.strerror(-result)


def execute_from_memory():
    result = syscall("memfd_create", b"program", 0)
    return result >= 0 or os.strerror(-result)


def ask_parts_of_the_kernel_by_netlink():
    opened = []
    for protocol in range(1, 23):  # all but that of interfaces and addresses
        try:
            socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol).close()
            opened.append(protocol)
        except OSError:
            pass
    return bool(opened)


def have_the_kernel_load_protocols():
    stream, datagram, dccp, sequence = socket.SOCK_STREAM, socket.SOCK_DGRAM, 6, socket.SOCK_SEQPACKET
    tried = [(stream, MULTIPATH_TCP), (datagram, UDP_LITE), (stream, SCTP), (sequence, SCTP), (dccp, DCCP), (dccp, 0)]
    opened = []
    for kind, protocol in tried:
        try:
            socket.socket(socket.AF_INET, kind, protocol).close()
            opened.append((kind, protocol))
        except OSError:
            pass
    return bool(opened)


def have_the_kernel_load_line_disciplines():
    set_discipline, nothing = 0x5423, 27  # of which this one does nothing, and is always there
    _, terminal = os.openpty()
    fcntl.ioctl(terminal, set_discipline, struct.pack("i", nothing))
    return True


def have_a_crash_handled_outside():
    """The program of core_pattern runs as root, with what the crashed process holds as its input, unless this is 1."""
    return resource.getrlimit(resource.RLIMIT_CORE) != (1, 1)


def connect_by_ipv6():
    with socket.create_connection(("::1", TARGETS["port6"]), timeout=2):
        return True
