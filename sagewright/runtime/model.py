"""The base of a person's class: hyperparameters, metrics, and the state that training leaves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable, ClassVar

from sagewright.runtime.signature import check, hyperparameters_of, plain

PRIVATE = "_sagewright_"  # attributes of ours, which are no state
STATE = "state.joblib"
FACTS = "sagewright.json"  # features, target and the kind of rows, beside the state
METRIC_LINE = "metrics "


class BaseModel:
    """A model whose `train` and `predict` a person writes.

    `metrics` names those that `self.log` gets by other words than `self.log(name=...)`; `requirements` are lines of a
    requirements.txt, `include` further files or folders, relative to the class's own.
    """

    metrics: ClassVar[Sequence[str]] = ()
    requirements: ClassVar[Sequence[str]] = ()
    include: ClassVar[Sequence[str]] = ()

    def __init__(self, **hyperparameters: Any):
        """Take the keyword-only arguments of `train`. Raises ValueError for an unknown or a wrong one."""
        self.hyperparameters = check(hyperparameters_of(type(self).train), hyperparameters)
        self._sagewright_listener: Callable[[dict], None] | None = None

    def train(self, data: Any) -> None:
        """Learn from the channels and put what is learnt on `self`. Every class writes its own."""
        raise NotImplementedError(f"{type(self).__name__} has no train(self, data).")

    def predict(self, rows: Any) -> Any:
        """The predictions for `rows`: an array, a list or a table with as many rows. Every class writes its own."""
        raise NotImplementedError(f"{type(self).__name__} has no predict(self, rows).")

    def log(self, **values: float) -> None:
        """Log metrics, for example `self.log(auc=0.91)`: a line that the job's metric definitions find."""
        numbers = {name: float(plain(value)) for name, value in values.items()}
        print(METRIC_LINE + " ".join(f"{name}={number:.10g};" for name, number in numbers.items()), flush=True)
        if listener := getattr(self, "_sagewright_listener", None):
            listener(numbers)

    def __getstate__(self) -> dict:
        return {name: value for name, value in self.__dict__.items() if not name.startswith(PRIVATE)}


def save(model: BaseModel, folder: Path, facts: dict) -> None:
    """Write the state of `model` and `facts` into `folder`; by joblib, by pickle where that is not installed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FACTS).write_text(json.dumps(facts))
    state = model.__getstate__()
    if isinstance(state, dict):  # of a __getstate__ of the person's own
        state = {name: value for name, value in state.items() if not str(name).startswith(PRIVATE)}
    try:
        _dump(state, folder / STATE)
    except Exception as e:
        raise _unsaveable(model, state) or e from e


def _dump(state: Any, file: Path) -> None:
    try:
        import joblib

        joblib.dump(state, file)
    except ImportError:
        import pickle

        with file.open("wb") as out:
            pickle.dump(state, out)


def _unsaveable(model: BaseModel, state: Any) -> TypeError | None:
    """The error that names the first attribute which cannot be pickled; None if each can be by itself."""
    import pickle

    for name, value in state.items() if isinstance(state, dict) else ():
        try:
            pickle.dumps(value)
        except Exception as e:
            return TypeError(
                f"train put self.{name} on {type(model).__name__}, a {type(value).__name__} that cannot be saved: {e}. "
                "Keep numbers, texts, arrays and fitted models on self; make functions at the top of the module, and "
                "open files and connections in predict."
            )
    return None


def load(cls: type, folder: Path) -> tuple:
    """(the model, its facts) that `save` wrote. It runs what was pickled: only inside a job, or where a person asks."""
    facts = json.loads((folder / FACTS).read_text())
    try:
        import joblib

        state = joblib.load(folder / STATE)
    except ImportError:
        import pickle

        with (folder / STATE).open("rb") as file:
            state = pickle.load(file)  # noqa: S301 (as above)
    model: Any = object.__new__(cls)
    if hasattr(model, "__setstate__"):
        model.__setstate__(state)
    else:
        model.__dict__.update(state)
    return model, facts
