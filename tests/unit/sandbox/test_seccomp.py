"""The filter of system calls, interpreted here for both architectures: one of them is not at hand."""

import struct

import pytest

from sandbox import linux, seccomp
from sandbox.syscalls import NUMBERS

ALLOW, KILL, EPERM, ENOSYS, EACCES = 0x7FFF0000, 0x80000000, 0x50001, 0x50026, 0x5000D
EPROTONOSUPPORT, EAFNOSUPPORT = 0x5005D, 0x50061
_ONE = dict.fromkeys(seccomp.OF_PROCESSES, 0) | {"ioprio_set": 1}  # what means one process
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def verdict(
    machine: str,
    name: str | int,
    *arguments: int,
    network: bool = True,
    system_v: bool = True,
    pid_namespace: bool = True,
    architecture: int = 0,
) -> int:
    """What classic BPF decides on a call with these arguments."""
    number = NUMBERS[machine][name] if isinstance(name, str) else name
    data = struct.pack("IIQ6Q", number, architecture or AUDIT[machine], 0, *(*arguments, *[0] * 6)[:6])  # seccomp_data
    program = seccomp.program(machine, network, system_v, pid_namespace)
    position, value = 0, 0
    while True:
        code, if_true, if_false, constant = struct.unpack_from("HBBI", program, 8 * position)
        position += 1
        if code == 0x20:
            value = struct.unpack_from("I", data, constant)[0]
        elif code == 0x54:
            value &= constant
        elif code == 0x06:
            return constant
        else:
            test = {0x15: value == constant, 0x35: value >= constant, 0x45: bool(value & constant)}[code]
            position += if_true if test else if_false


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request) -> str:
    return request.param


@pytest.mark.parametrize("name", seccomp.REFUSED)
def test_what_reaches_far_into_the_kernel_is_refused(machine, name):
    if name in NUMBERS[machine]:
        assert verdict(machine, name) == EPERM


def test_a_clone_makes_processes_and_threads_but_no_namespaces(machine):
    threads = 0x3D0F00  # as glibc's pthread_create has it
    assert verdict(machine, "clone", threads) == ALLOW
    for flag in (linux.CLONE_NEWUSER, linux.CLONE_NEWNS, linux.CLONE_NEWPID, linux.CLONE_NEWNET, linux.CLONE_NEWIPC):
        assert verdict(machine, "clone", flag | 17) == EPERM
    assert verdict(machine, "clone3") == ENOSYS, "its flags cannot be seen: libc takes clone instead"


def test_sockets_are_of_four_families_or_of_none(machine):
    assert [verdict(machine, "socket", family, 1) for family in (1, 2, 10, 16)] == [ALLOW] * 4
    assert [verdict(machine, "socket", family) for family in (17, 38, 40)] == [EAFNOSUPPORT] * 3
    assert verdict(machine, "socket", 1, network=False) == EACCES


def test_sockets_are_of_protocols_that_programs_use(machine):
    """The kernel would load modules for others; netlink's lead far into it, but for the one of interfaces."""
    close_on_exec, tcp, multipath_tcp = 0o2000000, 6, 262
    for family in (2, 10):
        assert verdict(machine, "socket", family, 1 | close_on_exec, tcp) == ALLOW
        assert verdict(machine, "socket", family, 1 | close_on_exec, multipath_tcp) == EPROTONOSUPPORT
        assert verdict(machine, "socket", family, 5) == verdict(machine, "socket", family, 6) == EPROTONOSUPPORT
    assert [verdict(machine, "socket", 16, 3, protocol) for protocol in (0, 12)] == [ALLOW, EPROTONOSUPPORT]
    assert verdict(machine, "socket", 1, 5) == ALLOW


@pytest.mark.parametrize("name", seccomp.OF_PROCESSES)
def test_calls_on_a_process_are_on_itself_where_it_can_name_others(machine, name):
    """Landlock forbids signals to processes outside, and lets their limits and priorities be changed."""
    index = seccomp.OF_PROCESSES[name]
    itself, another = ([kind, who] if index else [who] for kind, who in ((_ONE[name], 0), (_ONE[name], 4711)))
    assert verdict(machine, name, *itself, pid_namespace=False) == ALLOW
    assert verdict(machine, name, *another, pid_namespace=False) == EPERM
    assert verdict(machine, name, *another, pid_namespace=True) == ALLOW
    if index:
        all_of_a_user = 2 if name == "setpriority" else 3
        assert verdict(machine, name, all_of_a_user, 0, pid_namespace=False) == EPERM


@pytest.mark.parametrize("network", [True, False], ids=["network", "no network"])
def test_system_v_is_there_where_it_has_a_limit_and_refused_elsewhere(machine, network):
    for name in seccomp.SYSTEM_V:
        assert verdict(machine, name, network=network, system_v=True) == ALLOW, name
        assert verdict(machine, name, network=network, system_v=False) == EPERM, name


@pytest.mark.parametrize("name", ["memfd_create", "memfd_secret"])
def test_files_in_nobody_s_memory_answer_as_an_older_kernel_does(machine, name):
    assert verdict(machine, name) == ENOSYS


def test_devices_cannot_be_made_and_pipes_can(machine):
    assert verdict(machine, "mknodat", 0, 0, 0o060660) == EPERM
    assert verdict(machine, "mknodat", 0, 0, 0o010660) == ALLOW


def test_nobody_types_into_a_terminal_or_changes_its_line_discipline(machine):
    set_discipline = 0x5423
    assert verdict(machine, "ioctl", 0, 0x5412) == verdict(machine, "ioctl", 0, set_discipline) == EPERM
    assert verdict(machine, "ioctl", 0, 0x5401) == ALLOW


def test_calls_of_other_architectures_are_no_way_around(machine):
    i386 = 0x40000003
    assert verdict(machine, "ioctl", architecture=i386) == KILL
    x32 = 0x40000000 | NUMBERS["x86_64"]["mount"]
    assert verdict("x86_64", x32) == ENOSYS


def test_ordinary_calls_pass(machine):
    read, exit_group = {"x86_64": (0, 231), "aarch64": (63, 94)}[machine]
    assert (verdict(machine, read), verdict(machine, exit_group)) == (ALLOW, ALLOW)
