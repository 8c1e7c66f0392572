"""AutoGluon beside bench.quality, in an environment of its own, a minute for each split of a table.

    python -m bench.quality_autogluon export FOLDER [table ...]       # here: the splits as Parquet
    OTHER/bin/python bench/quality_autogluon.py train FOLDER          # in the environment that has autogluon.tabular
    python -m bench.quality_autogluon report FOLDER                   # here: beside what bench.quality has stored

AutoGluon learns from all rows but the test rows, of the same columns as the other peers, with `medium_quality`, its
default, on one processor.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

SECONDS, CPUS = 60, 1
FIGURE = {"binary": "roc_auc", "multiclass": "accuracy", "regression": "root_mean_squared_error"}


def export(folder: Path, names: list[str]) -> None:
    """Write the splits of the tables, train and test, with what AutoGluon has to know."""
    from bench.quality_ours import split
    from bench.quality_tables import TABLES, splits

    for name in names or TABLES:
        for seed in range(splits(len(TABLES[name].load()))):
            made = split(TABLES[name], seed)
            frame = made.frame[made.features].assign(**{made.target: made.labels})
            here = folder / name.replace(" ", "-").replace(",", "") / str(seed)
            here.mkdir(parents=True, exist_ok=True)
            frame[~made.is_test].to_parquet(here / "train.parquet")
            frame[made.is_test].to_parquet(here / "test.parquet")
            facts = {"table": name, "target": made.target, "task": made.task, "classes": len(made.classes)}
            (here / "split.json").write_text(json.dumps(facts))


def train(folder: Path) -> None:
    """Train on each split that has no answer yet, and store the answers beside it."""
    import tempfile
    import time

    import numpy as np
    import pandas as pd
    from autogluon.tabular import TabularPredictor, __version__

    for path in sorted(folder.glob("*/*/split.json")):
        if (path.parent / "answers.npz").exists():
            continue
        facts, begun = json.loads(path.read_text()), time.perf_counter()
        rows, test = pd.read_parquet(path.parent / "train.parquet"), pd.read_parquet(path.parent / "test.parquet")
        with tempfile.TemporaryDirectory() as place:
            predictor = TabularPredictor(facts["target"], facts["task"], FIGURE[facts["task"]], place, verbosity=0)
            predictor.fit(rows, time_limit=SECONDS, num_cpus=CPUS)
            if facts["classes"]:
                shares = predictor.predict_proba(test)
                values = np.zeros((len(test), facts["classes"]))
                values[:, shares.columns.astype(int)] = shares.to_numpy()
            else:
                values = predictor.predict(test).to_numpy()
        seconds = time.perf_counter() - begun
        np.savez_compressed(path.parent / "answers.npz", values=values, seconds=seconds, version=__version__)
        print(f"{facts['table']}, {path.parent.name}: {seconds:.0f} s", flush=True)


def report(folder: Path) -> None:
    """Print a Markdown table: AutoGluon, the suggested algorithm, and how far ours is behind it."""
    import numpy as np

    from bench.quality import RESULTS
    from bench.quality_figures import FIGURES, Run, behind, behind_between
    from bench.quality_store import Store

    store = Store(RESULTS)
    print("| table | suggested | figure | ours | AutoGluon | behind, % |\n|---|---|---|---|---|---|")
    for table in sorted({json.loads(path.read_text())["table"] for path in folder.glob("*/*/split.json")}):
        own = store.run(table, store.facts(table)["suggested"]) if store.splits(table) else None
        paths = sorted(folder.glob(f"{table.replace(' ', '-').replace(',', '')}/*/answers.npz"))
        if own is None or len(paths) != len(own.labels):
            continue
        theirs = Run(own.labels, [np.load(path)["values"] for path in paths])
        name, (figure, more) = next(iter(FIGURES[store.facts(table)["task"]].items()))
        mine, other = own.figure(figure), theirs.figure(figure)
        low, high = behind_between(own, theirs, figure, more)
        gap = " to ".join(f"{100 * share:+.1f}" for share in (low, high))
        print(
            f"| {table} | {store.facts(table)['suggested']} | {name} | {mine:.4g} | {other:.4g} "
            f"| {100 * behind(mine, other, more):+.1f} ({gap}) |"
        )


if __name__ == "__main__":
    what, folder, *names = sys.argv[1:]
    {"export": lambda: export(Path(folder), names), "train": lambda: train(Path(folder)),
     "report": lambda: report(Path(folder))}[what]()  # fmt: skip
