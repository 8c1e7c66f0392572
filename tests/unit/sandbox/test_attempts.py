"""Attempts to get out of a sandbox, at each level of this machine, as this user and as a normal one.

The second half takes walls out: an attempt that then gets through is one that the wall, and no accident, has stopped.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from sandbox import landlock
from sandbox.launch import PROJECT
from sandbox.spec import MIB, Level
from tests.unit.sandbox.conftest import LEVELS

NORMAL_USER = 12345
ATTEMPTS = (
    "read_another_jobs_file", "list_the_jobs_folder", "read_credentials", "read_the_secret_key",
    "read_the_environment_of_a_worker", "see_other_processes", "kill_a_process", "ptrace_a_process",
    "read_the_memory_of_a_process", "open_the_memory_of_a_process", "walk_through_the_root_of_a_process",
    "connect_to_a_service", "connect_to_an_abstract_socket", "connect_to_a_socket_file", "reach_the_metadata_address",
    "send_a_datagram", "listen_on_a_port", "open_a_raw_socket", "open_sockets_of_the_kernel", "write_to_the_system",
    "write_to_the_product", "read_files_in_tmp", "read_files_in_shm", "attach_shared_memory", "mount_something",
    "make_a_user_namespace", "use_inherited_descriptors", "become_root_by_a_setuid_file", "write_kernel_settings",
    "open_a_raw_disk", "type_into_a_terminal", "use_the_kernels_keyring", "use_wide_parts_of_the_kernel",
    "escape_the_oom_killer", "learn_the_host_name", "read_the_kernel_log", "change_the_limits_of_a_process",
    "take_processors_from_a_process", "make_a_process_wait_for_all_others", "make_a_process_wait_for_the_disk",
    "signal_a_process_by_a_descriptor", "take_a_descriptor_from_a_process", "enter_namespaces", "mount_by_new_calls",
    "open_a_file_by_its_number", "execute_from_memory", "ask_parts_of_the_kernel_by_netlink",
    "have_the_kernel_load_protocols", "have_the_kernel_load_line_disciplines", "have_a_crash_handled_outside",
    "connect_by_ipv6", "read_the_first_process", "reach_the_old_root", "command_the_kernel",
    "mount_where_it_is_seen_outside", "change_the_interpreter",
)  # fmt: skip
GREEDY = {  # each alone, with limits that it must not pass
    "bomb_with_forks": {"processes": 60},
    "fill_tmp": {},
    "write_a_huge_file": {"file_size": 10 * MIB},
    "write_many_files": {"disk": 10 * MIB},
    "make_many_empty_files": {"disk": 10 * MIB},
    "make_many_links": {"disk": 10 * MIB},
    "keep_memory_in_arguments": {"memory": 60 * MIB},
    "take_much_memory": {"memory": 200 * MIB},
}
WORKS = ("use_processes", "use_threads_and_the_rest", "use_opt_ml", "use_tmp_and_shm", "use_proc")
# What gets through at a level, by its nature. Who is locked in with a user of its own cannot read others' /dev/shm.
OPEN = {
    Level.WALLED: set(),
    Level.LOCKED: {"see_other_processes", "learn_the_host_name", "read_files_in_shm"}
    | (
        {"kill_a_process", "signal_a_process_by_a_descriptor"}
        if landlock.version() < landlock.SCOPES_SIGNALS
        else set()
    ),
}
BROKEN = {Level.WALLED: set(), Level.LOCKED: {"use_opt_ml", "use_tmp_and_shm"}, Level.LIMITED: {"use_opt_ml"}}
# What stops an attempt in a walled sandbox of root; more than one name where one would do behind another.
STOPPED_BY = {
    "read_another_jobs_file": "root identity", "list_the_jobs_folder": "root identity",
    "read_credentials": "root identity", "read_the_secret_key": "root identity",
    "read_the_environment_of_a_worker": "root pid identity privileges seccomp",
    "see_other_processes": "root pid identity", "kill_a_process": "root pid identity",
    "ptrace_a_process": "root pid identity privileges seccomp",
    "read_the_memory_of_a_process": "root pid identity privileges seccomp",
    "open_the_memory_of_a_process": "root pid identity privileges seccomp",
    "walk_through_the_root_of_a_process": "root pid identity privileges seccomp",
    "connect_to_a_service": "network", "connect_to_an_abstract_socket": "network",
    "connect_to_a_socket_file": "root identity", "reach_the_metadata_address": "network", "send_a_datagram": "network",
    "listen_on_a_port": "network", "open_a_raw_socket": "identity privileges seccomp",
    "open_sockets_of_the_kernel": "seccomp", "write_to_the_system": "root identity",
    "write_to_the_product": "identity readonly", "read_files_in_tmp": "root identity",
    "read_files_in_shm": "root identity", "attach_shared_memory": "ipc identity",
    "mount_something": "identity privileges seccomp", "make_a_user_namespace": "seccomp",
    "use_inherited_descriptors": "descriptors", "become_root_by_a_setuid_file": "readonly privileges seccomp",
    "write_kernel_settings": "readonly identity", "open_a_raw_disk": "readonly identity privileges seccomp",
    "type_into_a_terminal": "seccomp", "use_the_kernels_keyring": "seccomp", "use_wide_parts_of_the_kernel": "seccomp",
    "escape_the_oom_killer": "oom", "learn_the_host_name": "uts",
    "read_the_kernel_log": "identity privileges seccomp", "change_the_limits_of_a_process": "root pid identity",
    "take_processors_from_a_process": "root pid identity privileges",
    "make_a_process_wait_for_all_others": "root pid identity privileges",
    "make_a_process_wait_for_the_disk": "root pid identity privileges",
    "signal_a_process_by_a_descriptor": "root pid identity",
    "take_a_descriptor_from_a_process": "root pid identity privileges seccomp",
    "enter_namespaces": "root pid identity privileges seccomp", "mount_by_new_calls": "seccomp",
    "open_a_file_by_its_number": "identity privileges seccomp", "execute_from_memory": "seccomp",
    "ask_parts_of_the_kernel_by_netlink": "seccomp", "have_the_kernel_load_protocols": "seccomp",
    "have_the_kernel_load_line_disciplines": "seccomp", "have_a_crash_handled_outside": "limits",
    "connect_by_ipv6": "network", "read_the_first_process": "identity dumpable",
    "reach_the_old_root": "root identity", "command_the_kernel": "readonly identity",
    "mount_where_it_is_seen_outside": "identity privileges private seccomp",
    "change_the_interpreter": "readonly identity", "bomb_with_forks": "limits watch", "fill_tmp": "",
    "write_a_huge_file": "limits", "write_many_files": "watch",
    "make_many_empty_files": "watch", "make_many_links": "watch", "keep_memory_in_arguments": "watch",
    "take_much_memory": "limits watch",
}  # fmt: skip
SLOW = (
    "write_many_files",
    "make_many_empty_files",
    "make_many_links",
    "keep_memory_in_arguments",
    "take_much_memory",
    "bomb_with_forks",
)


def _by_walls() -> list[tuple[str, list[str]]]:
    """Pairs of walls and the attempts that they stop; a greedy attempt is alone."""
    groups: dict[tuple[str, str], list[str]] = {}
    for attempt, walls in STOPPED_BY.items():
        groups.setdefault((walls, attempt if attempt in GREEDY else ""), []).append(attempt)
    return [(walls, attempts) for (walls, _), attempts in groups.items()]


def _marks(attempts: list[str]) -> list:
    return [pytest.mark.long] if attempts[0] in SLOW else []


def _python(user: int) -> str:
    """An interpreter that the user can execute, "" if there is none."""
    if user == os.geteuid():
        return sys.executable
    usable = "import sys; sys.exit(sys.version_info < (3, 11))"
    for python in ("/usr/bin/python3", sys.executable):
        try:
            if not subprocess.run([python, "-c", usable], user=user, group=user, extra_groups=[], cwd="/").returncode:
                return python
        except OSError:
            continue
    return ""


@cache
def _base() -> Path:
    """A folder that is not below /tmp, where anybody may make theirs."""
    return Path("/var/tmp")


def _run(user: int, python: str = "", **request) -> dict[str, object]:
    python = python or _python(user)
    if not python or not (PROJECT / "engine").stat().st_mode & 0o005:
        pytest.skip("a normal user can execute no Python here, or not read the checkout")
    command = [python, "-m", "tests.unit.sandbox.world", json.dumps({"base": str(_base()), **request})]
    become = {} if user == os.geteuid() else {"user": user, "group": user, "extra_groups": []}
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, **become)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _open(results: dict[str, object]) -> set[str]:
    return {name for name, result in results.items() if result is True}


@pytest.fixture(params=["this user", "a normal user"])
def user(request) -> int:
    if request.param == "this user":
        return os.geteuid()
    if os.geteuid():
        pytest.skip("this user is a normal one")
    return NORMAL_USER


@pytest.fixture(params=[level for level in LEVELS if level is not Level.LIMITED])
def strong(request) -> Level:
    return request.param


def test_no_attempt_gets_through(strong, user):
    results = _run(user, level=strong, attempts=ATTEMPTS)
    assert set(results) == set(ATTEMPTS)
    assert _open(results) - OPEN[strong] == set()


@pytest.mark.skipif(Level.WALLED not in LEVELS or os.geteuid() != 0, reason="only root can have no user of its own")
def test_no_attempt_gets_through_for_root_without_capabilities():
    """That is what runs where only root can read the code of the installation."""
    assert _open(_run(0, level=Level.WALLED, attempts=ATTEMPTS, without=["identity"])) == set()


@pytest.mark.skipif(Level.LOCKED not in LEVELS or os.geteuid() != 0, reason="only root can give a user of its own")
def test_who_is_locked_in_as_a_user_of_its_own_reads_no_others_shared_memory():
    """Root gives one where that user can execute the interpreter, which it cannot below a private home."""
    if not (python := _python(NORMAL_USER)):
        pytest.skip("a normal user can execute no Python here")
    results = _run(0, python, level=Level.LOCKED, attempts=ATTEMPTS)
    assert _open(results) == OPEN[Level.LOCKED] - {"read_files_in_shm"}


@pytest.mark.skipif(Level.WALLED not in LEVELS or os.geteuid() != 0, reason="only root can mount")
def test_what_is_mounted_inside_is_seen_inside_alone():
    """Also by who may mount: what is mounted on the job's folder does not reach the folder of this machine."""
    without = ["identity", "privileges", "seccomp"]
    results = _run(0, level=Level.WALLED, attempts=["mount_where_it_is_seen_outside"], without=without)
    assert results == {"mount_where_it_is_seen_outside": "mounted inside"}


@pytest.mark.parametrize("attempt", GREEDY)
def test_no_sandbox_takes_more_than_it_may(strong, attempt, user):
    assert _open(_run(user, level=strong, attempts=[attempt], limits=GREEDY[attempt])) == set()


def test_limits_hold_without_walls(user):
    results = _run(user, level=Level.LIMITED, attempts=["write_a_huge_file"], limits=GREEDY["write_a_huge_file"])
    assert _open(results) == set()


def test_what_scripts_need_works(level, user):
    results = _run(user, level=level, attempts=WORKS)
    assert set(WORKS) - _open(results) == BROKEN[level], results


@pytest.mark.skipif(Level.WALLED not in LEVELS or os.geteuid() != 0, reason="walls are taken out for root")
@pytest.mark.parametrize(
    ("without", "attempts"),
    [
        pytest.param(without, attempts, id=f"{without}: {attempts[0]}", marks=_marks(attempts))
        for without, attempts in _by_walls()
    ],
)
def test_attempts_get_through_where_their_walls_are_taken_out(without, attempts):
    limits = {"tmp": 0} if attempts == ["fill_tmp"] else GREEDY.get(attempts[0], {})
    results = _run(0, level=Level.WALLED, attempts=attempts, without=without.split(), limits=limits)
    if "unreachable" in str(results.get("reach_the_metadata_address")):  # this machine has no route to it
        del results["reach_the_metadata_address"]
    assert _open(results) == set(results), results
