"""A hostile script: tries to get out of its sandbox. Run inside as `python hostile.py TARGETS NAME...`.

TARGETS is the JSON of what lies outside. It prints {name: true if the attempt got through, else why not}.
"""

import ctypes
import json
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path

import hostile_calls  # they lie beside it inside
import hostile_paths
import hostile_use

ARM = platform.machine() in ("aarch64", "arm64")
SYSCALLS = {  # x86-64, AArch64
    "process_vm_readv": (310, 270), "keyctl": (250, 219), "bpf": (321, 280), "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425), "userfaultfd": (323, 282), "syslog": (103, 116), "unshare": (272, 97),
    "ptrace": (101, 117), "mount": (165, 40), "shmget": (29, 194), "clone3": (435, 435),
}  # fmt: skip
libc = ctypes.CDLL(None, use_errno=True)
TARGETS: dict = {}
PARTS = (globals(), vars(hostile_calls), vars(hostile_paths), vars(hostile_use))


def syscall(name: str, *arguments) -> int:
    """The result of a system call, -errno if it failed."""
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(SYSCALLS[name][ARM]), *converted)
    return -ctypes.get_errno() if result < 0 else result


def read_another_jobs_file():
    return "secret" in Path(TARGETS["jobs"], "other/input.csv").read_text()


def list_the_jobs_folder():
    return "other" in os.listdir(TARGETS["jobs"])


def read_credentials():
    return "secret" in Path(TARGETS["home"], ".aws/credentials").read_text()


def read_the_secret_key():
    return "secret" in Path(TARGETS["data"], "secret_key").read_text()


def read_the_environment_of_a_worker():
    return any(b"VICTIMS_SECRET" in read(f"/proc/{pid}/environ") for pid in pids())


def see_other_processes():
    return any(b"victim.py" in read(f"/proc/{pid}/cmdline") for pid in pids())


def kill_a_process():
    os.kill(TARGETS["pid"], 0)
    return True


def ptrace_a_process():
    seize, detach = 0x4206, 17
    if (result := syscall("ptrace", seize, TARGETS["pid"], 0, 0)) < 0:
        return os.strerror(-result)
    syscall("ptrace", detach, TARGETS["pid"], 0, 0)
    return True


def read_the_memory_of_a_process():
    class Span(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    buffer = ctypes.create_string_buffer(6)
    here, there = Span(ctypes.addressof(buffer), 6), Span(TARGETS["address"], 6)
    result = syscall("process_vm_readv", TARGETS["pid"], ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    return buffer.raw == b"secret" or os.strerror(-result)


def open_the_memory_of_a_process():
    with open(f"/proc/{TARGETS['pid']}/mem", "rb"):
        return True


def walk_through_the_root_of_a_process():
    return "other" in os.listdir(f"/proc/{TARGETS['pid']}/root{TARGETS['jobs']}")


def connect_to_a_service():
    with socket.create_connection(("127.0.0.1", TARGETS["port"]), timeout=2):
        return True


def connect_to_an_abstract_socket():
    with socket.socket(socket.AF_UNIX) as s:
        s.connect("\0" + TARGETS["abstract"])
        return True


def connect_to_a_socket_file():
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(TARGETS["socket"])
        return True


def reach_the_metadata_address():
    """There is a route: nothing is sent by the connect of a datagram socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(("169.254.169.254", 80))
        return True


def send_a_datagram():
    """Whether it arrives is seen outside."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"secret", ("127.0.0.1", TARGETS["datagrams"]))


def listen_on_a_port():
    """Whether others reach it is seen outside."""
    with socket.create_server(("127.0.0.1", TARGETS["free_port"])) as s:
        s.settimeout(2)
        s.accept()


def open_a_raw_socket():
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP):
        return True


def open_sockets_of_the_kernel():
    refused = []
    for family in (socket.AF_ALG, socket.AF_VSOCK):
        try:
            with socket.socket(family, socket.SOCK_SEQPACKET if family == socket.AF_ALG else socket.SOCK_STREAM):
                return True
        except OSError as e:
            refused.append(str(e))
    return str(refused)


def write_to_the_system():
    path = Path("/usr/lib/written-by-hostile")
    path.write_text("")
    path.unlink()
    return True


def write_to_the_product():
    Path(TARGETS["product"], "written").write_text("")
    return True


def read_files_in_tmp():
    return "secret" in Path(TARGETS["tmp_file"]).read_text()


def read_files_in_shm():
    return "secret" in Path(TARGETS["shm_file"]).read_text()


def attach_shared_memory():
    result = syscall("shmget", TARGETS["shm_key"], 0, 0)
    return result >= 0 or os.strerror(-result)


def mount_something():
    result = libc.mount(b"none", b".", b"tmpfs", 0, None)
    return result == 0 or os.strerror(ctypes.get_errno())


def make_a_user_namespace():
    def attempt():
        result = syscall("unshare", 0x10000000)
        if result < 0 and libc.unshare(0x10000000) == 0:
            return True
        return result == 0 or os.strerror(-result)

    return in_a_child(attempt)


def use_inherited_descriptors():
    secrets = []
    for number in range(3, 300):
        try:
            secrets.append(b"secret" in os.pread(number, 100, 0))
        except OSError:
            pass
    return any(secrets)


def become_root_by_a_setuid_file():
    if os.geteuid() == 0:
        return "root already, without any capability: what it may is what the level allows"
    if not TARGETS["setuid"]:
        return "no_new_privs" if "NoNewPrivs:\t1" in Path("/proc/self/status").read_text() else True
    done = subprocess.run([TARGETS["setuid"], "-u"], capture_output=True, text=True)
    return done.stdout.strip() == "0" or done.stdout


def write_kernel_settings():
    with open("/proc/sys/kernel/core_pattern", "r+"):
        return True


def open_a_raw_disk():
    os.mknod("disk", 0o660 | 0o060000, os.makedev(7, 0))
    try:
        os.close(os.open("disk", os.O_RDONLY | os.O_NONBLOCK))
    except OSError as e:
        return e.errno != 13 and e.errno != 1  # ENXIO: the device was asked
    return True


def type_into_a_terminal():
    """The filter refuses before the kernel finds that there is no terminal."""
    import fcntl

    try:
        fcntl.ioctl(0, 0x5412, b"x")
    except OSError as e:
        return e.errno != 1 or str(e)
    return True


def use_the_kernels_keyring():
    result = syscall("keyctl", 0, -4, 1)
    return result >= 0 or os.strerror(-result)


def use_wide_parts_of_the_kernel():
    """Invalid arguments: whoever gets as far as to be told so has got through."""
    results = {name: syscall(name, 0, 0, 0) for name in ("bpf", "perf_event_open", "io_uring_setup", "userfaultfd")}
    return any(-result not in (1, 38) for result in results.values()) or str(results)


def escape_the_oom_killer():
    try:
        Path("/proc/self/oom_score_adj").write_text("0")
    except OSError:
        pass
    return int(Path("/proc/self/oom_score_adj").read_text()) < 1000


def learn_the_host_name():
    return socket.gethostname() == TARGETS["hostname"]


def read_the_kernel_log():
    buffer = ctypes.create_string_buffer(100)
    result = syscall("syslog", 3, buffer, 100)
    return result >= 0 or os.strerror(-result)


def read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def pids() -> list[str]:
    return [name for name in os.listdir("/proc") if name.isdigit()]


def in_a_child(attempt):
    """The result of an attempt that would change this process."""
    reading, writing = os.pipe()
    if not os.fork():
        os.write(writing, json.dumps(attempt()).encode())
        os._exit(0)
    os.close(writing)
    return json.loads(os.read(reading, 1000))


def main() -> None:
    TARGETS.update(json.loads(sys.argv[1]))
    for module in (hostile_calls, hostile_paths):
        module.TARGETS.update(TARGETS)
    results = {}
    for name in sys.argv[2:]:
        attempt = next(part[name] for part in PARTS if name in part)
        try:
            results[name] = attempt() or "nothing"
        except (Exception, MemoryError) as e:
            results[name] = f"{type(e).__name__}: {e}"
    print(json.dumps(results))


if __name__ == "__main__":
    main()
