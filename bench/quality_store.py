"""The stored answers of bench.quality: a folder for each table and split, a file for each model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from bench.quality_figures import Run
from bench.quality_ours import Split


class Store:
    """Answers below the folder `root`."""

    def __init__(self, root: Path):
        self.root = root

    def _folder(self, table: str, seed: int) -> Path:
        return self.root / table.replace(" ", "-").replace(",", "") / str(seed)

    def has(self, table: str, seed: int, model: str) -> bool:
        """True if the model answered, or was refused."""
        return self._file(table, seed, model).exists()

    def _file(self, table: str, seed: int, model: str) -> Path:
        return self._folder(table, seed) / f"{model}.npz"

    def put_split(self, table: str, seed: int, split: Split) -> None:
        """Store the labels of the test rows and what the table is like."""
        folder = self._folder(table, seed)
        folder.mkdir(parents=True, exist_ok=True)
        facts = {"task": split.task, "classes": len(split.classes), "rows": len(split.labels),
                 "features": len(split.features), "suggested": split.suggested,
                 "rarest": float(np.bincount(split.labels.astype(int)).min() / len(split.labels))
                 if split.classes else 0.0}  # fmt: skip
        (folder / "split.json").write_text(json.dumps(facts))
        np.save(folder / "labels.npy", split.test_labels)

    def put(self, table: str, seed: int, model: str, values: np.ndarray, seconds: float) -> None:
        """Store the answers of a model, and the seconds that it took to prepare, train and ask."""
        np.savez_compressed(self._file(table, seed, model), values=values.astype(np.float32), seconds=seconds)

    def put_refusal(self, table: str, seed: int, model: str, why: str) -> None:
        """Store why a model is not there."""
        np.savez_compressed(self._file(table, seed, model), refused=why)

    def splits(self, table: str) -> list[int]:
        """The splits of a table that are stored."""
        parent = self._folder(table, 0).parent
        return sorted(int(p.name) for p in parent.iterdir()) if parent.is_dir() else []

    def facts(self, table: str) -> dict:
        """What `put_split` stored."""
        return json.loads((self._folder(table, 0) / "split.json").read_text())

    def run(self, table: str, model: str) -> Run | None:
        """The answers of `model` to all splits; None where it has not answered all."""
        labels, values = [], []
        for seed in self.splits(table):
            path = self._file(table, seed, model)
            if not path.exists():
                return None
            with np.load(path) as stored:
                if "values" not in stored:
                    return None
                values.append(stored["values"].astype(float))
            labels.append(np.load(self._folder(table, seed) / "labels.npy"))
        return Run(labels, values) if labels else None

    def seconds(self, table: str, model: str) -> float:
        """Seconds of all splits."""
        total = 0.0
        for seed in self.splits(table):
            with np.load(self._file(table, seed, model)) as stored:
                total += float(stored["seconds"]) if "seconds" in stored else 0.0
        return total
