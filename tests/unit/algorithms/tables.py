"""Tables and training jobs, as the tests of algorithms use them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

import algorithms
from algorithms.spec import Channel, TrainingContext


@dataclass
class Table:
    """Features and labels, with every third row held out."""

    x: np.ndarray
    y: np.ndarray

    @property
    def held(self) -> np.ndarray:
        return np.arange(len(self.y)) % 3 == 0


def as_csv(x, y=None) -> str:
    rows = x if y is None else np.column_stack([y, x])
    return "".join(",".join("" if np.isnan(v) else repr(float(v)) for v in row) + "\n" for row in rows)


def as_libsvm(x, y=None, first=0) -> str:
    lines = []
    for i, row in enumerate(x):
        cells = [f"{j + first}:{float(v)!r}" for j, v in enumerate(row) if not np.isnan(v)]
        lines.append(" ".join(([] if y is None else [f"{y[i]:g}"]) + cells))
    return "\n".join(lines) + "\n"


class Job:
    """A training job in a folder of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.model_dir = folder / "model"
        self.output_dir = folder / "output"
        self.channels: dict[str, Channel] = {}

    def put(self, channel: str, content, name: str = "part.csv", content_type: str | None = "text/csv", **more) -> Path:
        path = self.folder / "data" / channel / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.channels.setdefault(
            channel, Channel(channel, self.folder / "data" / channel, content_type=content_type, **more)
        )
        return path

    def put_table(self, table: Table, validation: bool = True) -> "Job":
        self.put("train", as_csv(table.x[~table.held], table.y[~table.held]))
        if validation:
            self.put("validation", as_csv(table.x[table.held], table.y[table.held]))
        return self

    def context(self, checkpoint_dir: Path | None = None, **hyperparameters) -> TrainingContext:
        settings = {"num_round": "5", **{name: str(value) for name, value in hyperparameters.items()}}
        return TrainingContext(settings, self.channels, self.model_dir, self.output_dir, checkpoint_dir, num_cpus=1)

    def train(self, **hyperparameters) -> Path:
        algorithms.get("xgboost").load_trainer()(self.context(**hyperparameters))
        return self.model_dir / "xgboost-model"

    def predictor(self, **environment):
        return algorithms.get("xgboost").load_predictor().load(self.model_dir, environment)
