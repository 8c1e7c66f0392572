"""Compares the walker of trees with XGBoost, bit by bit: `python -m tests.walker_parity --rows 1000000`."""

import argparse

import numpy as np

from algorithms.library_imports import import_xgboost
from algorithms.xgboost import tree_walker
from algorithms.xgboost.fast_predict import library_predict

BLOCK, WIDTH = 10_000, 20
MODELS = (
    {"objective": "binary:logistic", "max_depth": 6},
    {"objective": "reg:squarederror", "max_depth": 10, "grow_policy": "lossguide", "max_leaves": 60},
    {"objective": "multi:softprob", "num_class": 5, "num_parallel_tree": 2},
    {"objective": "count:poisson", "max_depth": 3},
)


def main() -> None:
    """Print how many rows were compared with each model. Exits with a message at the first that differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if not tree_walker.build():
        raise SystemExit("There is no C compiler, so there is no walker.")
    library, random = import_xgboost(), np.random.default_rng(arguments.seed)
    for settings in MODELS:
        x = _rows(random, 5_000)
        labels = random.integers(0, settings.get("num_class", 2), len(x))
        booster = library.train({"nthread": 1, **settings}, library.DMatrix(x, labels), 50)
        walker, reference, count = tree_walker.TreeWalker(booster, WIDTH), library_predict(booster), 0
        while count < arguments.rows:
            rows = np.concatenate([_rows(random, BLOCK - tree_walker.EDGE_ROWS), walker.edge_rows(random)])
            ours, right = walker(rows), reference(rows)
            if (wrong := np.flatnonzero((ours != right).reshape(len(rows), -1).any(axis=1))).size:
                raise SystemExit(f"{settings}: {rows[wrong[0]].tolist()} gave {ours[wrong[0]]}, not {right[wrong[0]]}")
            count += len(rows)
        print(f"{count:,} rows are equal: {settings}", flush=True)


def _rows(random: np.random.Generator, count: int) -> np.ndarray:
    """Numbers of all sizes, many of them met again, and some missing."""
    rows = random.normal(size=(count, WIDTH)) * 10.0 ** random.integers(-3, 4, WIDTH)
    rows[random.random(rows.shape) < 0.3] //= 1
    rows[random.random(rows.shape) < 0.1] = np.nan
    return rows.astype(np.float32)


if __name__ == "__main__":
    main()
