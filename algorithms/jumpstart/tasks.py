"""Which task is asked for. AWS tells it by the model id (`lightgbm-regression-model`), not by a hyperparameter.

Here, in this order: the image's repository name says regression or classification; the evaluation metric belongs to a
task; the label column holds classes (`algorithms.jumpstart.labels`). A console that knows the task settles the metric,
which AWS would choose just so, and needs no hyperparameter that AWS does not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from algorithms.contract import Facts, HyperparameterProblem

REGRESSION, BINARY, MULTICLASS, CLASSES = "regression", "binary", "multiclass", "classification"
_AUTO = "auto"


@dataclass(frozen=True)
class MetricTasks:
    """The hyperparameter `name` that holds the metric, the metrics of each task, and AWS's own choice for each task.

    Metrics under `classes` judge two classes or several.
    """

    name: str
    auto: Mapping[str, str]
    regression: tuple[str, ...]
    binary: tuple[str, ...]
    multiclass: tuple[str, ...]
    classes: tuple[str, ...] = ()

    def of(self, metric: str | None) -> str:
        """regression, binary, multiclass, classification (two classes or several), or '' when it is left to us."""
        for task, names in (
            (REGRESSION, self.regression), (BINARY, self.binary), (MULTICLASS, self.multiclass), (CLASSES, self.classes)
        ):  # fmt: skip
            if metric in names:
                return task
        return ""

    def task_of(self, given: Mapping[str, str], suggested: str) -> str:
        """The task that the given metric belongs to, else the suggested one."""
        asked = self.of(given.get(self.name))
        if asked == CLASSES:
            return suggested if suggested in (BINARY, MULTICLASS) else MULTICLASS
        return asked or suggested

    def settle(self, given: Mapping[str, str], facts: Facts) -> dict[str, str]:
        """`given` with the metric that AWS chooses for the task, where it was left out or is `auto`."""
        settled = dict(given)
        if str(given.get(self.name, _AUTO)).lower() == _AUTO and facts.task in self.auto:
            settled[self.name] = self.auto[facts.task]
        return settled


def by_image(image: str) -> str:
    """regression or classification if the image's repository name says so, else ''."""
    repository = image.rsplit("/", 1)[-1].split("@", 1)[0].split(":", 1)[0]
    return next((task for task in (REGRESSION, CLASSES) if f"-{task}" in repository), "")


def distributed(values: Mapping[str, Any]) -> Iterator[str]:
    """What the given hyperparameters ask for that one machine cannot give; each is said in the log."""
    if values.get("use_dask") == "True":
        yield "use_dask spreads training over machines. There is one here, so it trains without Dask."
    if values.get("tree_learner", "serial") != "serial":
        yield f"tree_learner {values['tree_learner']} divides work between machines. Here is one, so it is serial."


def only(problem: bool, name: str, message: str) -> Iterator[HyperparameterProblem]:
    """One problem if there is one, for rules."""
    if problem:
        yield HyperparameterProblem(name, message)
