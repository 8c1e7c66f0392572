"""What Sagewright costs while nobody uses it, and what its start costs.

    python -m bench.idle [--other CHECKOUT] [--seconds 60] [--starts 0]

Prints processor time, wake-ups and memory of each process of an idle stack, and of its start the processor seconds
until every process answers and until SETTLING seconds later, when spares are there and the first tasks have run. Memory
is PSS, which shares out what processes have in common. With --other, such as a worktree of an earlier version, both
stacks run at the same time and are measured over the same seconds, so that a busy machine burdens both; --starts
compares so many further starts on the same folders, in turn. Linux only.
"""

import argparse
import contextlib
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.versions.interpreter import python_of
from bench.versions.report import HEAD, line, processor_seconds
from common.process_group import children
from tests.stack import ROOT, Stack

SETTLING = 30.0  # seconds
WIDTH = 52  # characters of a command


@dataclass
class Figures:
    """A process so far: seconds of a processor, and how often it has gone to sleep. `memory` is its PSS in MB."""

    command: str
    seconds: float
    sleeps: int
    memory: float


def main() -> None:
    parser = argparse.ArgumentParser(description="What an idle and a starting Sagewright cost.")
    parser.add_argument("--other", type=Path, help="the folder of another checkout")
    parser.add_argument("--seconds", type=float, default=60.0, help="for which the idle stack is measured")
    parser.add_argument("--starts", type=int, default=0, help="further starts on the same folders")
    options = parser.parse_args()
    folders = {"other": options.other.resolve()} if options.other else {}
    folders["this"] = ROOT
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    with contextlib.ExitStack() as running:
        stacks = {
            name: Stack(command=(python_of(folder), str(folder / "manage.py")), where=folder)
            for name, folder in folders.items()
        }
        for name, stack in stacks.items():
            print(f"{name}: first start {_text(_start(stack))}")
            running.push(stack)
        _later_starts(stacks, options.starts)
        _idle(stacks, options.seconds)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _start(stack: Stack) -> tuple[float, float, float]:
    """Start it: seconds until it is ready, processor seconds until then, and until it has settled."""
    began = time.monotonic()
    stack.start()
    assert stack.process
    ready, used = time.monotonic() - began, processor_seconds(stack.process.pid)
    time.sleep(SETTLING)
    return ready, used, processor_seconds(stack.process.pid)


def _text(figures: tuple[float, float, float]) -> str:
    return "ready after {:.1f} s and {:.2f} s of a processor, settled after {:.2f} s of it".format(*figures)


def _later_starts(stacks: dict[str, Stack], count: int) -> None:
    rounds: dict[str, list[tuple[float, float, float]]] = {name: [] for name in stacks}
    for _ in range(count):
        for name, stack in stacks.items():
            stack.stop()
            rounds[name].append(_start(stack))
            print(f"{name}: later start {_text(rounds[name][-1])}")
    if count and len(stacks) > 1:
        print(HEAD)
        for number, what in enumerate(("seconds to ready", "processor seconds to ready", "and settled")):
            print(line(what, {name: [start[number] for start in starts] for name, starts in rounds.items()}, ".2f"))


def _idle(stacks: dict[str, Stack], seconds: float) -> None:
    """Print what each process of the `stacks` uses in `seconds`, and the totals."""
    before = {name: _figures(stack) for name, stack in stacks.items()}
    began = time.monotonic()
    time.sleep(seconds)
    taken = time.monotonic() - began
    for name, stack in stacks.items():
        print(f"\n{name}\n{'process':{WIDTH}} {'CPU, m':>7} {'sleeps/s':>9} {'MB, PSS':>8}")
        after, total = _figures(stack), [0.0, 0.0, 0.0]
        for pid, now in after.items():
            then = before[name].get(pid, Figures("", 0.0, 0, 0.0))
            row = ((now.seconds - then.seconds) / taken * 1000, (now.sleeps - then.sleeps) / taken, now.memory)
            total = [sum(pair) for pair in zip(total, row, strict=True)]
            print(f"{now.command[:WIDTH]:{WIDTH}} {row[0]:7.2f} {row[1]:9.1f} {row[2]:8.1f}")
        print(f"{'all processes':{WIDTH}} {total[0]:7.2f} {total[1]:9.1f} {total[2]:8.1f}")


def _figures(stack: Stack) -> dict[int, Figures]:
    """The processes of `stack` by pid, parents first."""
    assert stack.process
    results, waiting = {}, [stack.process.pid]
    while waiting:
        pid = waiting.pop(0)
        with contextlib.suppress(OSError):
            results[pid] = _look(pid)
            waiting += sorted(children(pid))
    return results


def _look(pid: int) -> Figures:
    proc = Path(f"/proc/{pid}")
    words = (proc / "cmdline").read_text().rstrip("\0").split("\0")
    memory = next(row for row in (proc / "smaps_rollup").read_text().splitlines() if row.startswith("Pss:"))
    tasks = [(task / "status").read_text() for task in (proc / "task").iterdir()]
    sleeps = sum(int(text.partition("\nvoluntary_ctxt_switches:")[2].split()[0]) for text in tasks)
    command = " ".join([Path(words[0]).name, *words[1:]]).removeprefix("python -m ")
    used = (proc / "stat").read_text().rpartition(")")[2].split()[11:13]  # with the threads that have ended
    return Figures(command, sum(map(int, used)) / os.sysconf("SC_CLK_TCK"), sleeps, int(memory.split()[1]) / 1024)


if __name__ == "__main__":
    main()
