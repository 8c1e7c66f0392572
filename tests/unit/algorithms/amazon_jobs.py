"""Jobs of the first-party algorithms: channels from tables, training in this process, and what the log said."""

import json
import re
from pathlib import Path

import numpy as np

import algorithms
from algorithms.formats.recordio import write_table
from algorithms.spec import Facts, TrainingContext

from .tables import Job, Table, as_csv

RECORDIO = "application/x-recordio-protobuf"


def put(job: Job, table: Table, held: str = "validation", content_type: str = "text/csv") -> Job:
    """The table's rows in the channels train and `held` ("" for none)."""
    parts = {"train": ~table.held, **({held: table.held} if held else {})}
    for channel, rows in parts.items():
        x, y = table.x[rows], table.y[rows]
        content = write_table(x, y) if content_type == RECORDIO else as_csv(x, y)
        job.put(channel, content, "part", content_type=content_type)
    return job


def context(job: Job, **hyperparameters) -> TrainingContext:
    return TrainingContext(
        {name: str(value) for name, value in hyperparameters.items()}, job.channels, job.model_dir, job.output_dir
    )


def settled(name: str, table: Table, task: str, **parameters) -> dict[str, str]:
    """The hyperparameters as the console settles them for the table's training rows."""
    y = table.y[~table.held]
    classes = len(np.unique(y)) if task != "regression" else 0
    facts = Facts(task, classes, len(y), table.x.shape[1], True)
    return algorithms.get(name).settle({key: str(value) for key, value in parameters.items()}, facts)


def trained(name: str, job: Job, **hyperparameters):
    """Train in this process and load what came of it."""
    algorithms.get(name).load_trainer()(context(job, **hyperparameters))
    return load(name, job.model_dir)


def load(name: str, model_dir: Path):
    return algorithms.get(name).load_predictor().load(model_dir)


def figures(name: str, log: str) -> dict[str, list[float]]:
    """Every metric's values in the log, found as SageMaker finds them: by the algorithm's own definitions."""
    results: dict[str, list[float]] = {}
    for metric in algorithms.get(name).metric_definitions():
        values = [float(match[1]) for match in map(re.compile(metric["Regex"]).search, log.splitlines()) if match]
        if values:
            results[metric["Name"]] = values
    return results


def ask(predictor, x, key: str = "predictions") -> list[dict]:
    """What the model answers for these rows, sent as CSV and answered as JSON."""
    body, _ = predictor.invoke(json.dumps({"instances": np.asarray(x).tolist()}).encode(), "application/json", None)
    return json.loads(body)[key]
