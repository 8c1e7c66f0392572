"""Trains prepared jobs of one algorithm; prints the processor seconds, the peak of memory and the rounds of each."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import algorithms
from algorithms.contract import Channel, TrainingContext

_ROUND = re.compile(r"^\[(\d+)\]|^(\d+):\s|#quality_metric: host=\S+, epoch=(\d+)", re.M)


def serve(name: str) -> None:
    """Train the job in each folder that standard input names, each in a fork that has the libraries loaded."""
    trainer = algorithms.get(name).load_trainer()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                train(Path(line.strip()), trainer)
                os._exit(0)
            except BaseException as e:
                print(json.dumps({"refused": f"{type(e).__name__}: {e}"[:300]}), flush=True)
                os._exit(1)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            print(json.dumps({"refused": f"ended by signal {os.WTERMSIG(status)}"}), flush=True)


def train(folder: Path, trainer: Callable[[TrainingContext], None]) -> None:
    """Train the job in `folder` with one thread, and print what it took as a line of JSON."""
    start = json.loads((folder / "start.json").read_text())
    channels = {name: Channel(name, Path(path), kind) for name, (path, kind) in start["channels"].items()}
    for name in ("model", "output"):
        (folder / name).mkdir(exist_ok=True)
    context = TrainingContext(
        start["hyperparameters"], channels, folder / "model", folder / "output", environment=start["environment"]
    )
    log, begun = io.StringIO(), time.process_time()
    with contextlib.redirect_stdout(log):
        trainer(context)
    seconds = time.process_time() - begun
    rounds = [int(next(filter(None, groups), 0)) for groups in _ROUND.findall(log.getvalue())]
    print(json.dumps({"seconds": seconds, "memory": _peak(), "rounds": max(rounds, default=-1) + 1}), flush=True)


def _peak() -> int:
    """Bytes; the maximum of `getrusage` is that of the parent where the process was forked from a larger one."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    serve(sys.argv[1])
