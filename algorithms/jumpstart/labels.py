"""Which task the label column allows, and which classes it holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms.contract import UserError
from algorithms.jumpstart.log import say
from algorithms.jumpstart.tasks import BINARY, CLASSES, MULTICLASS, REGRESSION, MetricTasks, by_image

MOST_INFERRED = 20  # more different whole numbers than this are taken for amounts, unless classification is asked for


@dataclass(frozen=True)
class Task:
    """binary, multiclass or regression; `classes` are the label values in order, none for a regression."""

    name: str
    classes: tuple[float, ...] = ()


def decide(labels: np.ndarray, tasks: MetricTasks, metric: str, image: str) -> Task:
    """The task of a job; the image's word counts first, then the metric's, then what the labels look like.

    Raises UserError where they contradict one another.
    """
    values = np.unique(labels)
    if len(values) < 2:
        raise UserError(f"The label column holds one value only, {values[0]:g}, so there is nothing to learn.")
    told, of_metric = by_image(image), tasks.of(metric)
    if told and of_metric and (told == REGRESSION) != (of_metric == REGRESSION):
        raise UserError(f"The image is for {told}, but {tasks.name} {metric} is not. Set {tasks.name} to auto.")
    asked = told or of_metric
    if asked == REGRESSION:
        return Task(REGRESSION)
    whole = bool(np.all(values % 1 == 0))
    regression = f"For a regression, set {tasks.name} to {tasks.auto[REGRESSION]}"
    if asked and not whole:
        fraction = float(values[values % 1 != 0][0])
        raise UserError(
            f"A classification needs whole numbers as labels, but the label column holds {fraction:g}. {regression}."
        )
    if not asked and not (whole and len(values) <= MOST_INFERRED):
        ways = " or ".join(tasks.auto[task] for task in (BINARY, MULTICLASS))
        say(f"The label column holds amounts: this is a regression. For a classification, set {tasks.name} to {ways}.")
        return Task(REGRESSION)
    task = BINARY if len(values) == 2 else MULTICLASS
    wanted = of_metric if of_metric in (BINARY, MULTICLASS) else task
    if wanted == BINARY and task == MULTICLASS:
        raise UserError(
            f"{tasks.name} {metric} judges two classes, but the label column holds {len(values)}. "
            f"Set {tasks.name} to {tasks.auto[MULTICLASS]}, or leave it out."
        )
    if not asked:
        say(f"The label column holds {len(values)} classes: this is a {task} {CLASSES}. {regression}.")
    return Task(wanted, tuple(float(value) for value in values))
