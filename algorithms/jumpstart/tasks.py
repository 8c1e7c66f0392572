"""Determines the task of a job from its image and evaluation metric.

On AWS the model id selects the task (`lightgbm-regression-model`), not a hyperparameter. Here these decide, in this
order: the repository name of the image, the task of the evaluation metric, the label column
(`algorithms.jumpstart.labels`). A console that knows the task sets the metric that AWS chooses for it. So no
hyperparameter is needed that AWS does not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from algorithms.class_weights import positive_weight
from algorithms.contract import Facts, HyperparameterProblem

REGRESSION, BINARY, MULTICLASS, CLASSES = "regression", "binary", "multiclass", "classification"
_AUTO = "auto"


@dataclass(frozen=True)
class MetricTasks:
    """The metrics of each task. `name` is the hyperparameter with the metric, `auto` AWS's choice for each task.

    Metrics under `classes` suit binary and multiclass tasks. `proper` has a proper score for each task whose metric of
    `auto` is none: early stopping by the order of the rows alone stops while probabilities still improve.
    """

    name: str
    auto: Mapping[str, str]
    regression: tuple[str, ...]
    binary: tuple[str, ...]
    multiclass: tuple[str, ...]
    classes: tuple[str, ...] = ()
    proper: Mapping[str, str] = field(default_factory=dict)

    @property
    def objectives(self) -> dict[str, tuple[str, ...]]:
        """The metrics of each task, the one that AWS chooses for it first."""
        each = {REGRESSION: self.regression, BINARY: (*self.binary, *self.classes)}
        each[MULTICLASS] = (*self.multiclass, *self.classes)
        return {task: tuple(dict.fromkeys((self.auto[task], *names))) for task, names in each.items()}

    def task_of_metric(self, metric: str | None) -> str:
        """Return regression, binary, multiclass, classification (either of the two), or '' for no known metric."""
        for task, names in (
            (REGRESSION, self.regression), (BINARY, self.binary), (MULTICLASS, self.multiclass), (CLASSES, self.classes)
        ):  # fmt: skip
            if metric in names:
                return task
        return ""

    def task_of(self, hyperparameters: Mapping[str, str], suggested: str) -> str:
        """Return the task of the metric in the hyperparameters, else the suggested one."""
        task = self.task_of_metric(hyperparameters.get(self.name))
        if task == CLASSES:
            return suggested if suggested in (BINARY, MULTICLASS) else MULTICLASS
        return task or suggested

    def settle(self, hyperparameters: Mapping[str, str], facts: Facts) -> dict[str, str]:
        """Return the hyperparameters with a metric: AWS's for the task if it is `auto`, a proper score if left out.

        Two classes that are to count the same get a weight.
        """
        result = dict(hyperparameters)
        if self.name not in result and facts.task in self.proper:
            result[self.name] = self.proper[facts.task]
        elif str(result.get(self.name, _AUTO)).lower() == _AUTO and facts.task in self.auto:
            result[self.name] = self.auto[facts.task]
        if len(facts.class_counts) == 2 and facts.task == BINARY and result.get("is_unbalance") != "True":
            result.setdefault("scale_pos_weight", positive_weight(facts.class_counts))
        return result


def task_of_image(image: str) -> str:
    """Return regression or classification if the image's repository name contains it, else ''."""
    repository = image.rsplit("/", 1)[-1].split("@", 1)[0].split(":", 1)[0]
    return next((task for task in (REGRESSION, CLASSES) if f"-{task}" in repository), "")


def distribution_warnings(values: Mapping[str, Any], hosts: int = 1) -> Iterator[str]:
    """Yield a warning for each hyperparameter that needs several machines, or that this one has no use for."""
    if hosts > 1:
        if values.get("use_dask") == "True":
            yield "use_dask is not used: the library's own sockets connect the machines."
        return
    if values.get("use_dask") == "True":
        yield "use_dask spreads training over machines. There is one here, so it trains without Dask."
    if values.get("tree_learner", "serial") != "serial":
        yield f"tree_learner {values['tree_learner']} divides work between machines. Here is one, so it is serial."


def problem_if(condition: bool, name: str, message: str) -> Iterator[HyperparameterProblem]:
    """Yield one problem if `condition` is true."""
    if condition:
        yield HyperparameterProblem(name, message)
