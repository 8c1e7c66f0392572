"""A process that hangs is started again, and one that waits for the machine is not."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from console.supervisor import probes
from console.supervisor.starvation import Starvation
from tests.stack import ROOT
from tests.unit.console.supervisor.child_stories import collecting, make_child, process_state, until
from tests.waiting import wait_for

HANGS_AFTER_A_SECOND = """
    import os, sys, time
    file = sys.argv[1] if len(sys.argv) > 1 else os.environ["HEARTBEAT"]
    began = time.monotonic()
    with open(os.environ["PIDS"], "a") as out: print(os.getpid(), file=out)
    while True:
        if time.monotonic() - began < 1: open(file, "a").close(); os.utime(file)
        time.sleep(0.05)
"""


@pytest.fixture
def hanging(tmp_path, monkeypatch):
    """Makes a child whose heartbeat ends after a second, and is awaited for half a second."""
    monkeypatch.setattr("console.supervisor.child.ALIVE_EVERY", 0.2)
    monkeypatch.setenv("HEARTBEAT", str(tmp_path / "beat"))
    monkeypatch.setenv("PIDS", str(tmp_path / "pids"))
    (tmp_path / "pids").touch()
    alive = probes.heartbeat(tmp_path / "beat")
    return lambda: make_child(tmp_path, HANGS_AFTER_A_SECOND, grace=2, alive=alive, silence=0.5)


def test_a_process_that_does_not_answer_is_killed_and_started_again(hanging, tmp_path, capsys):
    async def story(collect):
        collect(child := hanging())
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await until(lambda: len((tmp_path / "pids").read_text().split()) == 2)
        await child.stop()
        await task

    asyncio.run(collecting(story))
    assert "some does not answer with a heartbeat for 1 s; killing it" in capsys.readouterr().out


def test_a_process_that_waits_for_the_machine_is_left_alone(hanging, tmp_path, monkeypatch):
    monkeypatch.setattr(Starvation, "seconds", lambda self: 60.0)

    async def story(collect):
        collect(child := hanging())
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await until((tmp_path / "pids").read_text)
        await asyncio.sleep(3)
        assert child.restarts == 0
        await child.stop()
        await task

    asyncio.run(collecting(story))


def test_a_process_that_takes_its_time_to_stop_is_not_called_silent(hanging, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        sys.modules[__name__],
        "HANGS_AFTER_A_SECOND",
        "import signal; signal.signal(15, lambda *_: None)\n" + textwrap.dedent(HANGS_AFTER_A_SECOND),
    )

    async def story(collect):
        collect(child := hanging())
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await until((tmp_path / "pids").read_text)
        await asyncio.sleep(0.5)
        await asyncio.gather(child.stop(), asyncio.sleep(2))
        await task

    asyncio.run(collecting(story))
    assert "does not answer" not in capsys.readouterr().out


def test_a_stopped_process_does_not_starve_and_one_among_many_does(tmp_path):
    spin = [
        sys.executable,
        "-c",
        "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nwhile True: pass",
    ]
    with contextlib.ExitStack() as stack:
        spinning = [stack.enter_context(subprocess.Popen(spin)) for _ in range(3)]
        for process in spinning:
            stack.callback(process.kill)
        starvation = Starvation(spinning[0].pid)
        wait_for(lambda: starvation.seconds() > 0.02, "a process to wait for its processor")
        spinning[0].send_signal(signal.SIGSTOP)
        wait_for(lambda: process_state(spinning[0].pid) == "T", "the process to stop")
        starvation.seconds()
        time.sleep(0.3)
        assert starvation.seconds() == 0


def test_a_celery_process_says_that_it_lives_until_its_main_thread_hangs(tmp_path):
    code = """
        import os, sys, time
        from console import liveness
        liveness.EVERY, liveness.STUCK = 0.05, 1.0
        liveness.say_ready()
        print("ready", flush=True)
        until = time.monotonic() + 2
        while time.monotonic() < until: time.sleep(0.1)
        print("hanging", flush=True)
        time.sleep(60)
    """
    beat = tmp_path / "beat"
    environment = os.environ | {"SAGEWRIGHT_READY_FILE": str(beat)}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        alive = probes.heartbeat(beat)
        assert process.stdout.readline() == "ready\n"
        assert process.stdout.readline() == "hanging\n"
        assert asyncio.run(alive.ask())  # it has been touched until now
        wait_for(lambda: not _changes_within(beat, 0.5), "the heartbeat to end")
        process.kill()


def _changes_within(file: Path, seconds: float) -> bool:
    before = file.stat().st_mtime_ns
    time.sleep(seconds)
    return file.stat().st_mtime_ns != before


def test_a_server_whose_heart_beats_is_asked_now_and_then_and_until_it_answers():
    whole, calls = [True, False, False, True, True], []

    async def ask() -> bool:
        calls.append(question)
        return whole[len(calls) - 1]

    async def beat() -> bool:
        return question != 13

    probe = probes.both(probes.Probe("with a heartbeat", beat), probes.Probe("to GET /healthz", ask), 4)
    answers = []
    for question in range(1, 15):  # noqa: B007 (the questions see it)
        answers.append(asyncio.run(probe.ask()))
    assert calls == [4, 8, 9, 10, 12]
    assert [number for number, answer in enumerate(answers, 1) if not answer] == [8, 9, 13]
