"""A cgroup for each sandbox, where the machine lets one be made; elsewhere nothing of it is missed."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import cgroup
from sandbox.cgroup import Cgroup
from sandbox.launch import launch
from sandbox.level import why_not
from sandbox.spec import Level, Limits, Spec
from tests.waiting import wait_for

FILES = ("memory.max", "memory.oom.group", "memory.swap.max", "pids.max", "cgroup.procs")


@pytest.fixture
def double(tmp_path, monkeypatch) -> Path:
    """A folder that looks like a delegated cgroup: what is made in it has the kernel's files."""
    result, real = Path.mkdir, Path.rmdir
    monkeypatch.setattr(Path, "mkdir", lambda path, *a: (result(path, *a), [(path / n).touch() for n in FILES]))
    monkeypatch.setattr(Path, "rmdir", lambda path: ([one.unlink() for one in path.iterdir()], real(path)))
    (tmp_path / "cgroup.subtree_control").write_text("cpu memory pids\n")
    return tmp_path


def test_the_limits_of_a_sandbox_become_those_of_its_cgroup(double):
    group = Cgroup.create(double, Limits(memory=2**30, processes=64))
    folder = double / f"{cgroup.PREFIX}{os.getpid()}"
    assert {name: (folder / name).read_text() for name in FILES[:4]} == {
        "memory.max": str(2**30), "memory.oom.group": "1", "memory.swap.max": "0", "pids.max": "64",
    }  # fmt: skip
    group.join()
    assert (folder / "cgroup.procs").read_text() == "0"  # whoever writes it
    assert not group.ran_out_of_memory()
    (folder / "memory.events").write_text("low 0\nmax 7\noom 1\noom_kill 2\n")
    assert group.ran_out_of_memory()
    group.remove()
    assert not folder.exists()


def test_where_it_is_delegated_is_found_out_by_doing(double, monkeypatch):
    monkeypatch.setattr(cgroup, "_candidates", lambda: [double / "none", double])
    assert cgroup.home.__wrapped__() == double
    assert not list(double.glob(f"{cgroup.PREFIX}*"))
    (double / "cgroup.subtree_control").write_text("cpu pids\n")
    assert cgroup.home.__wrapped__() is None
    assert cgroup._why_not(double) == f"{double} does not pass on memory."


@pytest.fixture
def real() -> Iterator[Path]:
    """A cgroup of this machine, whatever it limits."""
    mounted = next((line.split()[4] for line in cgroup._lines("/proc/self/mountinfo") if " - cgroup2 " in line), "")
    folder = Path(mounted, f"sagewright-test-{os.getpid()}")
    try:
        if not mounted:
            raise OSError("none is mounted")
        folder.mkdir()
    except OSError as e:
        pytest.skip(f"no cgroup of version 2 can be made here: {e}")
    yield folder
    folder.rmdir()  # fails if one is left below


def test_a_cgroup_that_nobody_gave_away_is_left_alone(real):
    assert not cgroup.is_delegated(real)
    os.setxattr(real, "user.delegate", b"1")
    assert cgroup.is_delegated(real)


@pytest.mark.parametrize("level", [level for level in Level if not why_not(level)])
def test_everything_in_a_sandbox_is_in_its_cgroup_which_goes_with_it(real, level, tmp_path, monkeypatch):
    monkeypatch.setattr(cgroup, "home", lambda: real)
    (tmp_path / "job").mkdir()
    spec = Spec(tmp_path / "job", ("/bin/sh", "-c", "setsid sleep 60 & wait"),
                {"PATH": "/usr/bin:/bin"}, limits=Limits(processes=0))  # fmt: skip
    with launch(spec, level, stdout=subprocess.DEVNULL) as sandboxed:
        (group,) = real.glob(f"{cgroup.PREFIX}*")
        wait_for(lambda: len((group / "cgroup.procs").read_text().split()) >= 2, "both processes to be there")
        assert str(sandboxed.pid) not in (group / "cgroup.procs").read_text().split()  # the keeper is outside
    assert not list(real.glob(f"{cgroup.PREFIX}*"))
