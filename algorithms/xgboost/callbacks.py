"""Callbacks between rounds of training: logging, checkpoints and stop requests."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from algorithms.library_imports import import_xgboost
from algorithms.stop_signal import StopSignal
from algorithms.xgboost.log import info

xgb = import_xgboost()
_Callback: Any = xgb.callback.TrainingCallback
CHECKPOINT = "xgboost-checkpoint"


class OrderedCallbacks(_Callback):
    """Runs all callbacks in order in every round.

    XGBoost keeps callbacks in a set and skips the rest after the first that ends training. Whether the last round is
    logged would depend on memory addresses.
    """

    def __init__(self, callbacks: list[Any]):
        super().__init__()
        self.callbacks = callbacks

    def before_training(self, model: Any) -> Any:
        """Call every callback before training."""
        for callback in self.callbacks:
            model = callback.before_training(model)
        return model

    def after_training(self, model: Any) -> Any:
        """Call every callback after training."""
        for callback in self.callbacks:
            model = callback.after_training(model)
        return model

    def before_iteration(self, model: Any, epoch: int, evals_log: dict) -> bool:
        """Call every callback before a round. True if one of them ends training."""
        return any([callback.before_iteration(model, epoch, evals_log) for callback in self.callbacks])

    def after_iteration(self, model: Any, epoch: int, evals_log: dict) -> bool:
        """Call every callback after a round. True if one of them ends training."""
        return any([callback.after_iteration(model, epoch, evals_log) for callback in self.callbacks])


class StopCallback(_Callback):
    """Ends training on a stop request."""

    def __init__(self, stop: StopSignal):
        super().__init__()
        self.stop = stop

    def after_iteration(self, model: Any, epoch: int, evals_log: dict) -> bool:
        """True if a stop was requested."""
        return self.stop.check()


class RoundLogger(_Callback):
    """Logs every round as the container does, its tab as CloudWatch's `#011`."""

    def __init__(self, start: int = 0):
        super().__init__()
        self.start = start

    def after_iteration(self, model: Any, epoch: int, evals_log: dict) -> bool:
        """Log the round. Always False."""
        figures = "".join(
            f"#011{part}-{metric}:{values[-1]:.5f}"
            for part, metrics in evals_log.items()
            for metric, values in metrics.items()
        )
        print(f"[{self.start + epoch}]{figures}", flush=True)
        return False


class CheckpointCallback(_Callback):
    """Saves the last few models in the checkpoint folder, from which a restarted job continues.

    The container saves after every round. Here it is at most once per second, because a large model can take longer to
    write than a round takes to train.
    """

    KEEP = 5

    def __init__(self, folder: Path, start: int = 0, every: float = 1.0):
        super().__init__()
        self.folder, self.start, self.every = folder, start, every
        self.saved = -every

    def after_iteration(self, model: Any, epoch: int, evals_log: dict) -> bool:
        """Save a checkpoint if the last one is `every` seconds old. Always False."""
        if time.monotonic() - self.saved >= self.every:
            self.save(model, self.start + epoch)
        return False

    def save(self, model: Any, iteration: int) -> None:
        """Write the model of round `iteration`, and delete all but the newest KEEP checkpoints."""
        write_model(model, self.folder / f"{CHECKPOINT}.{iteration}")
        self.saved = time.monotonic()
        for _, old in list_checkpoints(self.folder)[: -self.KEEP]:
            old.unlink(missing_ok=True)


def list_checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """Return (round, file) of every checkpoint, oldest first."""
    matches = [(re.fullmatch(rf"{CHECKPOINT}\.(\d+)", path.name), path) for path in folder.glob(f"{CHECKPOINT}.*")]
    return sorted((int(match[1]), path) for match, path in matches if match)


def load_checkpoint(folder: Path | None) -> tuple[Any, int]:
    """Return (model, completed rounds) of the newest readable checkpoint, (None, 0) if there is none."""
    if folder is None or not folder.is_dir():
        return None, 0
    for iteration, path in reversed(list_checkpoints(folder)):
        try:
            model = xgb.Booster(model_file=bytearray(path.read_bytes()))
        except xgb.core.XGBoostError:
            continue  # truncated while it was written; try the one before
        info(f"Checkpoint loaded from /opt/ml/checkpoints/{path.name}")
        info(f"Resuming from iteration {iteration + 1}")
        return model, iteration + 1
    return None, 0


def write_model(model: Any, path: Path) -> None:
    """Write the model as UBJSON, atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(model.save_raw(raw_format="ubj"))
    part.replace(path)
