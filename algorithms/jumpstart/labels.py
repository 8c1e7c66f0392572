"""Infers the task and the classes from the label column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms.contract import UserError
from algorithms.jumpstart.log import info
from algorithms.jumpstart.tasks import BINARY, CLASSES, MULTICLASS, REGRESSION, MetricTasks, task_of_image

MAX_INFERRED_CLASSES = 20  # more distinct whole numbers mean a regression, unless a classification is set


@dataclass(frozen=True)
class Task:
    """A task: binary, multiclass or regression. `classes` are the sorted label values, () for a regression."""

    name: str
    classes: tuple[float, ...] = ()


def infer_task(labels: np.ndarray, tasks: MetricTasks, metric: str, image: str) -> Task:
    """Return the task of a job, from the image, else from the metric, else from the labels.

    Raises UserError where they contradict each other.
    """
    values = np.unique(labels)
    if len(values) < 2:
        raise UserError(f"The label column holds one value only, {values[0]:g}, so there is nothing to learn.")
    image_task, metric_task = task_of_image(image), tasks.task_of_metric(metric)
    if image_task and metric_task and (image_task == REGRESSION) != (metric_task == REGRESSION):
        raise UserError(f"The image is for {image_task}, but {tasks.name} {metric} is not. Set {tasks.name} to auto.")
    explicit_task = image_task or metric_task
    if explicit_task == REGRESSION:
        return Task(REGRESSION)
    whole = bool(np.all(values % 1 == 0))
    regression = f"For a regression, set {tasks.name} to {tasks.auto[REGRESSION]}"
    if explicit_task and not whole:
        fraction = float(values[values % 1 != 0][0])
        raise UserError(
            f"A classification needs whole numbers as labels, but the label column holds {fraction:g}. {regression}."
        )
    if not explicit_task and not (whole and len(values) <= MAX_INFERRED_CLASSES):
        choices = " or ".join(tasks.auto[task] for task in (BINARY, MULTICLASS))
        info(
            f"The label column holds amounts: this is a regression. "
            f"For a classification, set {tasks.name} to {choices}."
        )
        return Task(REGRESSION)
    task = BINARY if len(values) == 2 else MULTICLASS
    name = metric_task if metric_task in (BINARY, MULTICLASS) else task
    if name == BINARY and task == MULTICLASS:
        raise UserError(
            f"{tasks.name} {metric} judges two classes, but the label column holds {len(values)}. "
            f"Set {tasks.name} to {tasks.auto[MULTICLASS]}, or leave it out."
        )
    if not explicit_task:
        info(f"The label column holds {len(values)} classes: this is a {task} {CLASSES}. {regression}.")
    return Task(name, tuple(float(value) for value in values))
