"""Children of a supervisor, each a real process, and stories in which they are started and collected."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from common.process_group import children, reap
from console.supervisor import options, probes
from console.supervisor.child import Child
from console.supervisor.output import Output
from console.supervisor.processes import Process
from tests.stack import ROOT
from tests.waiting import LIMIT

FREE = options.Options(free_ports=True)


def make_child(folder: Path, code: str, grace: float = 5.0, **more) -> Child:
    async def at_once() -> bool:
        return True

    async def nothing(process) -> None:
        return

    command = [sys.executable, "-c", textwrap.dedent(code)]
    process = Process(
        "some", command, probes.Probe("at once", at_once), dict(os.environ), folder=folder, grace=grace, **more
    )
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR)
    return Child(process, Output(("some",)), lock, nothing)


async def collecting(story) -> None:
    """Run `story(collect)`; give `collect` each child: SIGCHLD asks it, as the supervisor's own handler does."""
    collected: list[Child] = []
    others = children(os.getpid())

    def on_sigchld() -> None:
        for child in collected:
            child.poll()
        mine = {child.pid for child in collected}
        reap(mine | {child.adopt(children(os.getpid()) - mine) for child in collected} | others)

    asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, on_sigchld)
    async with asyncio.timeout(LIMIT):
        await story(collected.append)


async def until(condition) -> None:
    while not condition():
        await asyncio.sleep(0.02)


def python(code: str) -> subprocess.Popen:
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def is_alive(pid: int) -> bool:
    """Running, and not only waiting to be collected."""
    try:
        return process_state(pid) != "Z"
    except FileNotFoundError:
        return False


def process_state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
