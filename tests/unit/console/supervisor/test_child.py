"""One process: started, started again, stopped."""

import asyncio
import os
import signal

from common.disk import Space
from console.supervisor import probes
from tests.unit.console.supervisor.child_stories import collecting, is_alive, make_child, python, until
from tests.waiting import wait_for


def test_a_process_that_dies_is_started_again_and_takes_its_own_children_with_it(tmp_path, capsys):
    marks = tmp_path / "marks"
    code = f"""
        import os, subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        with open({str(marks)!r}, "a") as out: print(os.getpid(), child.pid, file=out)
        print("half a line", end="", flush=True)
        time.sleep(60)
    """

    def pairs():
        return [tuple(map(int, line.split())) for line in marks.read_text().splitlines()] if marks.exists() else []

    async def story(collect):
        collect(child := make_child(tmp_path, code))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await until(lambda: len(pairs()) == 1)
        os.kill(pairs()[0][0], signal.SIGKILL)
        await until(lambda: len(pairs()) == 2)
        assert child.restarts == 1
        await child.stop()
        await task

    asyncio.run(collecting(story))
    wait_for(lambda: not any(is_alive(pid) for pair in pairs() for pid in pair), "all of them to be gone")
    printed = capsys.readouterr().out
    assert "half a line" in printed
    assert "some was killed by SIGKILL; starting it again in 0.2 s" in printed


def test_the_wait_before_a_restart_doubles(tmp_path, capsys):
    async def story(collect):
        collect(child := make_child(tmp_path, "raise SystemExit(3)"))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await until(lambda: child.restarts == 3)
        await child.stop()
        task.cancel()

    asyncio.run(collecting(story))
    waits = [line.split()[-2] for line in capsys.readouterr().out.splitlines() if "ended with code 3" in line]
    assert waits[:3] == ["0.2", "0.4", "0.8"]


def test_a_death_after_some_time_in_service_counts_as_the_first_one(tmp_path, monkeypatch, capsys):
    """However long it took to start: a machine that kills often must not stop what it kills."""
    monkeypatch.setattr("console.supervisor.child.STEADY", 0.5)

    async def story(collect):
        collect(child := make_child(tmp_path, "import time; time.sleep(60)"))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        for _ in range(3):
            await child.ready.wait()
            await asyncio.sleep(0.7)
            child.kill()
            await until(lambda: not child.ready.is_set())
        await child.stop()
        task.cancel()

    asyncio.run(collecting(story))
    waits = [line.split()[-2] for line in capsys.readouterr().out.splitlines() if "was killed" in line]
    assert waits == ["0.2", "0.2", "0.2"]


def test_a_process_that_refuses_what_it_is_given_is_started_again_when_there_is_room(tmp_path, capsys):
    """The store looks at the disk once a minute, and when it starts."""
    code = f"""
        import pathlib, time
        if pathlib.Path({str(tmp_path / "low")!r}).exists(): print("disk free 0.21% < required 1.00%", flush=True)
        time.sleep(60)
    """

    async def story(collect):
        (tmp_path / "low").touch()
        collect(child := make_child(tmp_path, code, refusal=r"disk free [\d.]+% < required"))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await child.ready.wait()
        await until(lambda: child.lines.refuses)
        (tmp_path / "low").unlink()
        refusing = child.pid
        assert not child.accept()
        await until(child.accept)
        assert child.pid != refusing and child.restarts == 1
        for _ in range(3):
            assert child.accept()
        await child.stop()
        assert child.restarts == 1
        await task

    asyncio.run(collecting(story))
    printed = capsys.readouterr().out
    assert printed.count("some refuses what it is given although there is room again; killing it") == 1


def test_a_process_that_stores_on_a_full_disk_of_its_own_is_left_alone(tmp_path, monkeypatch, capsys):
    code = """
        import time
        print("disk free 0.21% < required 1.00%", flush=True)
        time.sleep(60)
    """
    monkeypatch.setattr("console.supervisor.child.space", lambda folder: disks[folder])
    disks = {tmp_path: Space(free=1, total=10**12)}

    async def story(collect):
        collect(child := make_child(tmp_path, code, refusal="disk free .* < required", storage=tmp_path))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await child.ready.wait()
        await until(lambda: child.lines.refuses)
        assert not child.accept() and not child.accept()
        assert child.ready.is_set() and child.lines.refuses
        disks[tmp_path] = Space(free=10**11, total=10**12)
        assert not child.accept()  # it is started again
        await until(child.ready.is_set)
        assert child.restarts == 1
        await child.stop()
        await task

    asyncio.run(collecting(story))
    assert capsys.readouterr().out.count("killing it") == 1


def test_a_process_that_will_not_stop_is_killed(tmp_path, capsys):
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )

    async def story(collect):
        collect(child := make_child(tmp_path, code, grace=0.3))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await until(lambda: "deaf" in capsys.readouterr().out)
        await child.stop()
        await task
        assert child.popen.returncode == -signal.SIGKILL

    asyncio.run(collecting(story))


def test_what_a_process_leaves_behind_is_removed_each_time_it_has_ended(tmp_path):
    async def story(collect):
        left = tmp_path / "left"
        code = f"import time; open({str(left)!r}, 'w').close(); time.sleep(60)"
        collect(child := make_child(tmp_path, code, clean=left.unlink))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        for kill in (child.kill, child.stop):
            await until(left.exists)
            if ending := kill():
                await ending
            await until(lambda: not left.exists())
        task.cancel()

    asyncio.run(collecting(story))


def test_a_process_waits_for_what_it_needs(tmp_path):
    async def story(collect):
        need = asyncio.Event()
        collect(child := make_child(tmp_path, "import time; time.sleep(60)"))
        task = asyncio.create_task(child.keep_running([need], lambda: None))
        await asyncio.sleep(0.2)
        assert child.pid is None
        need.set()
        await until(lambda: child.ready.is_set())
        await child.stop()
        await task

    asyncio.run(collecting(story))


def test_killing_the_supervisor_kills_its_children(tmp_path):
    code = """
        import os, sys, time
        from pathlib import Path
        from console.supervisor import process_group
        child = process_group.start([sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ), Path("."))
        print(child.pid, flush=True)
        time.sleep(60)
    """
    with python(code) as supervisor:
        child = int(supervisor.stdout.readline())
        assert is_alive(child)
        supervisor.kill()
    wait_for(lambda: not is_alive(child), "the child to be gone")


def test_a_probe_of_nothing_says_no(tmp_path):
    async def story():
        assert not await probes.http(1).ask()
        assert not await probes.valkey(tmp_path / "none").ask()
        assert await probes.number(tmp_path / "none", "DBSIZE") == 0

    asyncio.run(story())
