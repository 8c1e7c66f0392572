"""Processes that are forked from a zygote: they are what they would be as programs, and never need it."""

import asyncio
import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.process_group import _PR_SET_CHILD_SUBREAPER, adopt_orphans, children, reap
from console.supervisor import options, process_group, stack, zygote
from console.supervisor.folder import Folder
from console.supervisor.process_group import Adopted, command_of
from console.supervisor.processes import build
from console.supervisor.zygote import Launcher
from tests.stack import ROOT
from tests.waiting import LIMIT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is a zygote on Linux only")
FREE = options.Options(free_ports=True)
# What a process finds: Django's settings, its environment, and what the operating system says of it.
DESCRIBE = f"""
import json, os, signal, sys
sys.path.insert(0, {str(ROOT)!r})
"""
DESCRIBE += """
from pathlib import Path
from django.conf import settings
names = sorted(name for name in dir(settings) if name.isupper())
descriptors = {int(entry.name) for entry in Path("/proc/self/fd").iterdir()}
print(json.dumps({
    "settings": {name: repr(getattr(settings, name)) for name in names},
    "environment": dict(os.environ),
    "folder": os.getcwd(),
    "parent": os.getppid(),
    "leads": os.getsid(0) == os.getpgid(0) == os.getpid(),
    "descriptors": sorted(descriptor for descriptor in descriptors if os.path.exists(f"/proc/self/fd/{descriptor}")),
    "threads": len(list(Path("/proc/self/task").iterdir())),
    "arguments": sys.argv,
    "name": __name__,
    "command": Path("/proc/self/cmdline").read_bytes().rstrip(b"\\0").decode().split("\\0"),
    "signals": [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)],
    "mask": [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
    "niceness": os.nice(0),
    "umask": os.umask(0o077),
}))
"""


@pytest.fixture
def composed(tmp_path, monkeypatch) -> stack.Stack:
    for name in [name for name in os.environ if name.startswith(("SAGEWRIGHT_", "AWS_"))]:
        monkeypatch.delenv(name)
    return stack.compose(FREE, Folder(tmp_path / "data"))


@pytest.fixture(autouse=True)
def adopting() -> Iterator[None]:
    """This process is the parent of orphans, as the supervisor is."""
    adopt_orphans()
    yield
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@pytest.fixture
def light(monkeypatch) -> None:
    """A zygote that loads Django and no more."""
    for names in ("SERVER", "WORKER", "ENGINE", "CONSOLE"):
        monkeypatch.setattr(zygote, names, ())


def test_a_fork_is_what_the_program_would_be(composed, tmp_path, light):
    """Its settings, its environment and all it has of the system; what it prints ends where it should."""
    script = tmp_path / "describe.py"
    script.write_text(DESCRIBE)

    async def story(launcher: Launcher):
        for process in build(composed):
            if process.name not in ("gateway", "reader"):  # the others' environments are parts of these two
                continue
            command = [sys.executable, str(script), "one", process.name]
            with (tmp_path / "inherited").open("wb") as inherited:
                forked, program = [
                    json.loads(await _output(start, command, process.environment, [inherited.fileno()], process.nice))
                    for start in (launcher.start, process_group.start)
                ]
            for path in ("PWD", "OLDPWD", "_"):
                forked["environment"].pop(path, None), program["environment"].pop(path, None)
            assert forked["threads"] == program["threads"] == 1
            assert forked == program
            assert forked["parent"] == os.getpid()

    _run(composed, story)


def test_the_zygote_knows_no_key_that_only_some_processes_have(composed, light):
    async def story(launcher: Launcher):
        (pid,) = launcher.pids
        environment = Path(f"/proc/{pid}/environ").read_text()
        secrets = [*composed.aws.values(), *composed.store.values(), composed.first_user_key]
        arguments = [secret for secret in secrets if len(secret) > 10]
        assert len(arguments) > 3
        shared = set(composed.common.values())
        assert not [secret for secret in arguments if secret not in shared and secret in environment]
        assert [command_of(pid)[1:3], len(children(pid))] == [["-m", "console.zygote"], 0]

    _run(composed, story)


def test_what_the_zygote_loads_asks_for_no_connection_and_leaves_celery_unconfigured(composed):
    """Else processes would share a socket, or one would work on another's queue."""
    code = f"""
import os, sys
from pathlib import Path
from console import zygote
before = set(Path("/proc/self/fd").iterdir())
zygote.load({zygote.preload(composed)!r})
assert set(Path("/proc/self/fd").iterdir()) == before
assert not sys.modules["console.celery"].app.configured
from django.db import connections
assert [c.connection for c in connections.all(initialized_only=True)] in ([], [None])
for name in ("console.wsgi", "engine.wsgi", "console.live", "sklearn", "xgboost"):
    assert name not in sys.modules, name
"""
    environment = zygote.environment(composed)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_fork_ends_as_the_program_would(composed, tmp_path, light):
    async def story(launcher: Launcher):
        for code, exit_code, says in [
            ("raise SystemExit(3)", 3, ""),
            ("pass", 0, ""),
            ("1 / 0", 1, "ZeroDivisionError"),
            ("exit('no')", 1, "no\n"),
        ]:
            script = tmp_path / "end.py"
            script.write_text(f"import atexit\natexit.register(print, 'at exit')\n{code}\n")
            out, into = os.pipe()
            process = launcher.start([sys.executable, str(script)], composed.common, out=into)
            os.close(into)
            with os.fdopen(out) as pipe:
                printed = await asyncio.to_thread(pipe.read)
            await _until(lambda process=process: process.poll() is not None)
            assert isinstance(process, Adopted)
            assert (code, process.returncode) == (code, exit_code)
            assert "at exit" in printed and says in printed

    _run(composed, story)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_zygote_that_is_killed_or_hangs_is_replaced_and_nobody_waits_for_it(composed, number, monkeypatch, light):
    monkeypatch.setattr(zygote, "ANSWERING", 0.2)
    command = [sys.executable, "-m", "this"]

    async def story(launcher: Launcher):
        (first,) = launcher.pids
        os.kill(first, number)
        program = launcher.start(command, composed.common, out=subprocess.DEVNULL)
        assert isinstance(program, subprocess.Popen)
        program.wait()
        await _until(lambda: launcher.is_ready)
        (second,) = launcher.pids
        assert second != first and not command_of(first)
        assert "Namespaces" in await _output(launcher.start, command, composed.common, [], 0)

    _run(composed, story)


def test_without_a_zygote_processes_are_programs(composed, monkeypatch):
    messages: list[str] = []
    monkeypatch.setattr(zygote, "SERVER", ("no.such.module",))
    monkeypatch.setattr(zygote, "STDERR", os.open(os.devnull, os.O_WRONLY))

    async def story(launcher: Launcher):
        assert not launcher.is_ready and not launcher.pids
        program = launcher.start([sys.executable, "-c", "pass"], composed.common, out=subprocess.DEVNULL)
        assert isinstance(program, subprocess.Popen) and program.wait() == 0

    _run(composed, story, messages.append)
    assert ["it ended with code 1" in text for text in messages] == [True]


def _run(composed: stack.Stack, story, say: Callable[[str], object] = print) -> None:
    """Run `story` with a launcher whose zygote is ready, or is known not to come."""

    async def whole():
        others = children(os.getpid())
        launcher = Launcher(composed, say)

        def on_sigchld() -> None:
            launcher.poll()

        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, on_sigchld)
        launcher.begin()
        try:
            async with asyncio.timeout(LIMIT):
                await launcher.settled.wait()
                await story(launcher)
        finally:
            launcher.close()
            await _until(lambda: reap(others) or not children(os.getpid()) - others)

    asyncio.run(whole())


async def _output(start, command: list[str], environment: dict[str, str], keep: list[int], nice: int) -> str:
    out, into = os.pipe()
    process = start(command, environment, ROOT, keep, into, nice)
    os.close(into)
    with os.fdopen(out) as pipe:
        text = await asyncio.to_thread(pipe.read)
    await _until(lambda: process.poll() is not None)
    return text


async def _until(condition) -> None:
    while not condition():
        await asyncio.sleep(0.02)
