"""Members in a sandbox, forked from a zygote, at every level that this machine has."""

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.jobs.child import Child, Zygote
from engine.jobs.environment import inherited_environment
from engine.jobs.folder import MemberFolder
from sandbox import usage
from sandbox.interpreter import PROJECT, own_binds
from sandbox.level import why_not
from sandbox.network import address_of
from sandbox.spec import MIB, Bind, Level, Limits, Spec
from tests.waiting import wait_for

ENTRY = "tests.unit.engine.jobs.inmate:main"
TESTS = (Bind(PROJECT / "tests", str(PROJECT / "tests")),)
LEVELS = [level for level in Level if not why_not(level)]


@pytest.fixture(params=LEVELS)
def level(request) -> Level:
    return request.param


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote(preload=())
    yield zygote
    zygote.close()


@pytest.fixture
def member(tmp_path: Path) -> MemberFolder:
    member = MemberFolder(tmp_path / "algo-1")
    member.create()
    return member


@pytest.fixture
def start(member, level, zygote, tmp_path) -> Callable[..., Child]:
    """Starts the member with the inmate's steps, or with a command."""

    def spawn(*steps: str, memory: int = 0, **fields) -> Child:
        spec = Spec(member.root, environment=inherited_environment(), binds=(*own_binds(), *TESTS), **fields)
        member.write_sandboxed_start(spec, level, ENTRY, steps=steps)
        output = os.open(tmp_path / "output", os.O_CREAT | os.O_WRONLY)
        try:
            return zygote.spawn(member.root, output, memory, lambda: None)
        finally:
            os.close(output)

    return spawn


@pytest.fixture
def output(tmp_path: Path) -> Callable[[], str]:
    return (tmp_path / "output").read_text


def wait(child: Child) -> int:
    def code() -> int | None:
        select.select([child], [], [], 0.1)
        return child.poll()

    wait_for(lambda: code() is not None, "the member's end")
    assert child.exit_code is not None
    return child.exit_code


def test_an_entry_is_called_inside_with_its_folder(start, member, level, output):
    assert wait(start("describe", "leave=a model")) == 0, output()
    inside = "/opt/ml" if level is Level.WALLED else str(member.root)
    assert f"root {inside} in {inside}" in output()
    assert "descriptors 0 1 2 and the list's" in output()
    assert (member.model / "result").read_text() == "a model"


def test_a_command_is_executed_inside(start, member, output):
    script = member.root / "train.sh"
    script.write_text("echo trained > model/result; exit 9")
    assert wait(start(command=("/bin/sh", "train.sh"))) == 9, output()
    assert (member.model / "result").read_text() == "trained\n"


@pytest.mark.parametrize(("steps", "code"), [(["exit=7"], 7), (["die=9"], -9), (["die=11"], -11)])
def test_it_ends_with_its_own_code_or_signal(start, steps, code):
    assert wait(start(*steps)) == code


def test_what_cannot_be_set_up_is_the_failure_and_ours(start, member):
    assert wait(start(command=("no-such-program",))) == 125
    assert member.failure().startswith("InternalServerError: the job's process could not be set up: ")
    assert "no-such-program" in member.failure()


def test_a_stop_asks_and_a_kill_leaves_nothing(start, output):
    child = start("daemon", "ignore", "say=ready", "sleep")
    wait_for(lambda: "ready" in output(), "the member")
    inside = usage.descendants(child.pid)
    child.send(signal.SIGTERM)
    wait_for(lambda: "ignored" in output(), "the signal to arrive")
    assert child.poll() is None
    child.send(signal.SIGKILL)
    assert wait(child) == -signal.SIGKILL
    assert [pid for pid in inside if Path(f"/proc/{pid}").exists()] == []


@pytest.mark.parametrize("is_lost", [True, False])
def test_a_keeper_that_somebody_kills_is_lost_and_one_that_we_kill_is_not(start, output, is_lost):
    child = start("say=ready", "sleep")
    wait_for(lambda: "ready" in output(), "the member")
    inside = usage.descendants(child.pid)
    if is_lost:
        os.kill(child.pid, signal.SIGKILL)
    else:
        child.send(signal.SIGKILL)
    assert (wait(child), child.is_lost) == (-signal.SIGKILL, is_lost)
    wait_for(lambda: not [pid for pid in inside if Path(f"/proc/{pid}").exists()], "all inside to end")


@pytest.mark.parametrize("step", ["die=9", "exit=1", "say=done"])
def test_a_job_that_ends_by_itself_is_not_lost(start, step):
    child = start(step)
    wait(child)
    assert not child.is_lost


def test_a_stop_before_it_runs_is_not_lost(start):
    child = start("sleep")
    child.send(signal.SIGTERM)
    assert wait(child) == -signal.SIGTERM


def test_too_much_memory_ends_it_and_is_counted(start, output):
    child = start("fork_memory=80", "sleep", memory=200 * MIB)
    assert wait(child) == -signal.SIGKILL
    assert child.memory > 200 * MIB


def test_too_much_disk_ends_it_and_is_counted(start):
    child = start("fill=20", "sleep", limits=Limits(disk=10 * MIB))
    assert wait(child) == -signal.SIGKILL
    assert child.disk > 10 * MIB


def test_nothing_is_left_when_the_zygote_is_killed(start, zygote, output, member, tmp_path, level):
    doomed = Zygote(preload=())
    spec = Spec(member.root, environment=inherited_environment(), binds=(*own_binds(), *TESTS))
    member.write_sandboxed_start(spec, level, ENTRY, steps=["ignore", "say=ready", "sleep"])
    with (tmp_path / "output").open("w") as file:
        child = doomed.spawn(member.root, file.fileno(), 0, lambda: None)
    wait_for(lambda: "ready" in output(), "the member")
    inside = [child.pid, *usage.descendants(child.pid)]
    doomed.process.kill()
    wait_for(lambda: not [pid for pid in inside if Path(f"/proc/{pid}").exists()], "all to end")
    doomed.close()


def test_members_of_one_zygote_do_not_end_each_other(start, member, zygote, output, tmp_path):
    other = MemberFolder(tmp_path / "algo-2")
    other.create()
    other.write_start(ENTRY, {}, 0, steps=["say=ready", "sleep=1.5", "exit=3"])
    with (tmp_path / "other").open("w") as file:
        bare = zygote.spawn(other.root, file.fileno(), 0, lambda: None)
    assert wait(start("daemon", "exit=4")) == 4
    begun = time.monotonic()
    assert bare.poll() is None
    assert wait(bare) == 3
    assert time.monotonic() - begun < 30


HOSTILE = {  # steps, limits and what ends them
    "memory": (["fork_memory=120", "sleep"], Limits(), "memory"),
    "disk": (["fill=30", "sleep"], Limits(disk=10 * MIB), "disk"),
    "forks": (["bomb"], Limits(processes=80), ""),
    "daemons": (["daemon", "ignore", "exit=1"], Limits(), ""),
}


def test_hostile_members_are_ended_with_their_reason_and_a_neighbour_works_on(zygote, tmp_path, level):
    """All at once, from one zygote; the neighbour is bare, so that nothing but their walls protects it."""
    children: dict[str, Child] = {}
    with (tmp_path / "output").open("w") as file:
        for name, (steps, limits, _) in HOSTILE.items():
            if name == "forks" and level is not Level.WALLED:
                continue  # the kernel counts none of root's; test_attempts has what ends them
            member = MemberFolder(tmp_path / name)
            member.create()
            binds = (*own_binds(), *TESTS)
            spec = Spec(member.root, environment=inherited_environment(), binds=binds, limits=limits)
            member.write_sandboxed_start(spec, level, ENTRY, steps=steps)
            children[name] = zygote.spawn(member.root, file.fileno(), 250 * MIB, lambda: None)
        neighbour = MemberFolder(tmp_path / "neighbour")
        neighbour.create()
        neighbour.write_start(ENTRY, {}, 0, steps=["sleep=1", "leave=a model"])
        good = zygote.spawn(neighbour.root, file.fileno(), 0, lambda: None)
    assert wait(good) == 0
    assert (neighbour.model / "result").read_text() == "a model"
    for name, child in children.items():
        wait(child)
        reason = HOSTILE[name][2]
        assert not reason or getattr(child, reason) > 0, name
    assert not [pid for pid in usage.descendants(zygote.process.pid) if is_alive(pid)]


def is_alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_links_in_the_place_of_folders_lead_nowhere(start, member, tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/failure").write_text("a key")
    assert wait(start(f"link={tmp_path / 'secret'}")) == 0
    member.secure()
    assert member.failure() == ""
    assert list(member.model.iterdir()) == []
    assert (tmp_path / "secret/failure").read_text() == "a key"


@pytest.mark.parametrize("number", [32, 40])
def test_no_end_writes_where_a_link_of_the_job_leads(start, member, tmp_path, number):
    """Signal 32 belongs to the C library: nobody can set what it does."""
    (tmp_path / "secret").write_text("a key")
    assert wait(start(f"link_failure={tmp_path / 'secret'}", f"die={number}")) == -number
    assert (tmp_path / "secret").read_text() == "a key"


@pytest.mark.skipif(Level.WALLED not in LEVELS, reason="this machine has no walls")
def test_members_of_a_job_reach_one_another_and_those_of_another_job_do_not(zygote, tmp_path):
    hosts = {f"algo-{number + 1}": address_of(number) for number in range(2)}

    def begin(job: str, host: str, step: str) -> tuple[Child, Callable[[], str]]:
        (tmp_path / job).mkdir(exist_ok=True)
        member, output = MemberFolder(tmp_path / job / host), tmp_path / f"{job}-{host}"
        member.create()
        spec = Spec(member.root, environment=inherited_environment(), binds=(*own_binds(), *TESTS), hosts=hosts)
        member.write_sandboxed_start(replace(spec, hostname=host), Level.WALLED, ENTRY, steps=[step])
        with output.open("w") as file:
            return zygote.spawn(member.root, file.fileno(), 0, lambda: None), output.read_text

    first, heard = begin("mine", "algo-1", "listen=algo-1")
    wait_for(lambda: "listening" in heard(), "the first member to listen")
    for job, answer in (("theirs", "ConnectionRefusedError"), ("mine", "called")):
        child, message = begin(job, "algo-2", "call=algo-1")
        assert (wait(child), message()) == (0, f"{answer}\n")
    assert (wait(first), heard()) == (0, "listening\nheard algo-2\n")
