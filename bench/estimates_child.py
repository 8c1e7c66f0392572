"""Trains the prepared job in a folder; prints the seconds of the processor, start included, and the peak of memory."""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
from pathlib import Path

import algorithms
from algorithms.contract import Channel, TrainingContext


def train(folder: Path) -> None:
    """Train the job in `folder` with one thread."""
    start = json.loads((folder / "start.json").read_text())
    algorithm = algorithms.get(start["algorithm"])
    channels = {name: Channel(name, Path(path), kind) for name, (path, kind) in start["channels"].items()}
    for name in ("model", "output"):
        (folder / name).mkdir(exist_ok=True)
    context = TrainingContext(start["hyperparameters"], channels, folder / "model", folder / "output")
    trainer = algorithm.load_trainer()
    with contextlib.redirect_stdout(io.StringIO()):
        trainer(context)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([usage.ru_utime + usage.ru_stime, _peak()]))


def _peak() -> int:
    """Bytes; the maximum of `getrusage` is that of the parent where the process was forked from a larger one."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    train(Path(sys.argv[1]))
