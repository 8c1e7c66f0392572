"""What happens between two rounds of training: a log line, a checkpoint, a look whether to stop."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from algorithms.lean import import_xgboost
from algorithms.stop import Stop
from algorithms.xgboost.log import say

xgb = import_xgboost()
_Callback: Any = xgb.callback.TrainingCallback
CHECKPOINT = "xgboost-checkpoint"


class InOrder(_Callback):
    """Runs callbacks one after the other, all of them, every round.

    XGBoost keeps its callbacks in a set and stops asking at the first that wants to end training: the last round's log
    line would be lost or not as memory addresses fall.
    """

    def __init__(self, callbacks: list[Any]):
        super().__init__()
        self.callbacks = callbacks

    def before_training(self, model: Any) -> Any:
        for callback in self.callbacks:
            model = callback.before_training(model)
        return model

    def after_training(self, model: Any) -> Any:
        for callback in self.callbacks:
            model = callback.after_training(model)
        return model

    def before_iteration(self, model: Any, epoch: int, evals_log: dict) -> bool:
        return any([callback.before_iteration(model, epoch, evals_log) for callback in self.callbacks])

    def after_iteration(self, model: Any, epoch: int, evals_log: dict) -> bool:
        return any([callback.after_iteration(model, epoch, evals_log) for callback in self.callbacks])


class Rounds(_Callback):
    """Logs every round as the container does, with its tab written `#011` as CloudWatch shows it, and heeds Stop."""

    def __init__(self, stop: Stop, start: int = 0):
        super().__init__()
        self.stop = stop
        self.start = start

    def after_iteration(self, model: Any, epoch: int, evals_log: dict) -> bool:
        figures = "".join(
            f"#011{part}-{metric}:{values[-1]:.5f}"
            for part, metrics in evals_log.items()
            for metric, values in metrics.items()
        )
        print(f"[{self.start + epoch}]{figures}", flush=True)
        return self.stop.wanted


class Checkpoints(_Callback):
    """Keeps the last few models in the checkpoint folder, from which a restarted job goes on.

    The container saves after every round. Here at most once a second: a model that takes long to write would otherwise
    cost more than its training.
    """

    KEEP = 5

    def __init__(self, folder: Path, start: int = 0, every: float = 1.0):
        super().__init__()
        self.folder, self.start, self.every = folder, start, every
        self.saved = -every

    def after_iteration(self, model: Any, epoch: int, evals_log: dict) -> bool:
        if time.monotonic() - self.saved >= self.every:
            self.save(model, self.start + epoch)
        return False

    def save(self, model: Any, iteration: int) -> None:
        write_model(model, self.folder / f"{CHECKPOINT}.{iteration}")
        self.saved = time.monotonic()
        for _, old in checkpoints(self.folder)[: -self.KEEP]:
            old.unlink(missing_ok=True)


def checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """(round, file) of every checkpoint, oldest first."""
    found = [(re.fullmatch(rf"{CHECKPOINT}\.(\d+)", path.name), path) for path in folder.glob(f"{CHECKPOINT}.*")]
    return sorted((int(match[1]), path) for match, path in found if match)


def resume(folder: Path | None) -> tuple[Any, int]:
    """(model, rounds already done) from the newest readable checkpoint; (None, 0) if there is none."""
    if folder is None or not folder.is_dir():
        return None, 0
    for iteration, path in reversed(checkpoints(folder)):
        try:
            model = xgb.Booster(model_file=bytearray(path.read_bytes()))
        except xgb.core.XGBoostError:
            continue  # cut off while it was written; the one before will do
        say(f"Checkpoint loaded from /opt/ml/checkpoints/{path.name}")
        say(f"Resuming from iteration {iteration + 1}")
        return model, iteration + 1
    return None, 0


def write_model(model: Any, path: Path) -> None:
    """The model as UBJSON, complete or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(model.save_raw(raw_format="ubj"))
    part.replace(path)
