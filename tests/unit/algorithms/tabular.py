"""Training jobs of JumpStart's tabular algorithms, as the tests of LightGBM and CatBoost use them."""

import json
from pathlib import Path

import numpy as np

import algorithms
from algorithms.spec import TrainingContext

from .tables import Job, Table, as_csv

ROUNDS = {"lightgbm": "num_boost_round", "catboost": "iterations"}
METRIC = {"lightgbm": "metric", "catboost": "eval_metric"}
IMAGES = "763104351884.dkr.ecr.us-east-1.amazonaws.com"


class TabularJob(Job):
    """A job of `algorithm`; `rounds` and `metric` are called as the algorithm calls them."""

    def __init__(self, folder: Path, algorithm: str):
        super().__init__(folder)
        self.algorithm = algorithms.get(algorithm)

    def run(self, image: str = "", rounds: int | None = None, metric: str = "", threads: int = 1, **more) -> Path:
        settings = {name: str(value) for name, value in more.items()}
        if rounds is not None:
            settings[ROUNDS[self.algorithm.name]] = str(rounds)
        if metric:
            settings[METRIC[self.algorithm.name]] = metric
        context = TrainingContext(
            settings, self.channels, self.model_dir, self.output_dir, num_cpus=threads, image=image
        )  # fmt: skip
        self.algorithm.load_trainer()(context)
        return self.model_dir

    def put_categories(self, *positions: int, channel: str = "train") -> "TabularJob":
        """Names columns of the CSV, the label being column 0."""
        self.put(channel, json.dumps({"cat_index_list": list(positions)}), "categorical_index.json")
        return self

    def predictor(self, **environment):
        return self.algorithm.load_predictor().load(self.model_dir, environment)

    def answers(self, x: np.ndarray, accept: str | None = None, content_type: str = "text/csv"):
        """The answer to the rows of `x`, read from JSON."""
        body, _ = self.predictor().invoke(as_csv(x).encode(), content_type, accept)
        return json.loads(body)


def small(count: int = 50, task: str = "binary", seed: int = 0) -> Table:
    """A table that is easy to learn: four columns, the last one a category of five codes, some cells empty."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(count, 4)).astype(np.float32)
    x[:, 3] = random.integers(0, 5, count)
    signal = x[:, 0] + (x[:, 3] == 2) * 2
    x[random.random(count) < 0.1, 1] = np.nan
    y = {
        "binary": (signal > 0.5).astype(float),
        "multiclass": np.digitize(signal, [-0.3, 0.8]).astype(float),
        "regression": signal * 10,
    }[task]
    return Table(x, y.astype(np.float32))
