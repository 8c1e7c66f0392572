"""The form's own path with its defaults: looked at, checked, prepared, trained, asked by column name.

Nothing is set but data, target and seed: kinds, encodings, split and preset are what the form settles.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

import algorithms
from algorithms.spec import Algorithm, Channel, TrainingContext
from bench.quality_tables import Table
from engine.serving.model_schema import ModelSchema
from jobs.hyperparameters import changed, preset_values
from jobs.plan import plan_prepared
from jobs.suggestion import suggest_algorithm
from tables.evaluation_rows import read_evaluation_rows
from tables.free_text import is_free_text
from tables.objects import parse_location
from tables.predictions import Prediction, parse_response
from tables.recipe import FRESH
from tables.split import TEST, StratifiedSplit, held_out_shares
from tests.corpus.cases import OUTPUT, Prepared, table

THREADS = 1  # of ours and of the peers: on a busy machine threads that wait for each other cost minutes
ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Split:
    """A table as the form splits it. `texts` are its cells, `labels` the answers as the algorithms see them.

    `frame` is read by pandas; `features` are the columns that the form learns from, `dates` those that it reads as
    dates, `prose` those of free text. `task` is binary, multiclass or regression.
    """

    texts: pd.DataFrame
    frame: pd.DataFrame
    target: str
    task: str
    classes: list[str]
    labels: np.ndarray
    is_test: np.ndarray
    features: list[str]
    dates: list[str]
    suggested: str

    @property
    def test_labels(self) -> np.ndarray:
        """The answers of the test rows."""
        return self.labels[self.is_test]


@dataclass(frozen=True)
class Answers:
    """Predictions for the test rows: numbers (rows,), or probabilities (rows, classes)."""

    values: np.ndarray
    seconds: float


class Refused(Exception):
    """The form refuses the algorithm for the table; the message says why."""


def form(one: Table, algorithm: Algorithm, seed: int, body: bytes, turned: Collection[str] = ()):
    """The job as the form would create it, with the flags of `Recipe` named by `turned` the other way."""
    recipe = replace(FRESH, target=one.target, seed=seed, **{name: not getattr(FRESH, name) for name in turned})
    settings = changed(algorithm, preset_values(algorithm))
    return table(body, target=one.target, algorithm=algorithm.name, hyperparameters=settings).but(
        **recipe.as_json() | {"target": one.target}
    )


def split(one: Table, seed: int) -> Split:
    """The split that the form makes, and what it knows of the table."""
    body = one.body()
    hint = suggest_algorithm(table(body, target=one.target).preview.inspection)
    default = hint[0] if hint else algorithms.get(algorithms.DEFAULT)
    form_ = form(one, default, seed, body)
    prepared = form_.prepared
    schema = prepared.schema
    texts = pd.read_csv(io.BytesIO(body), dtype=str, keep_default_na=False)
    classes = list(schema["classes"])
    cells = texts[one.target]
    labels = cells.map(_position(classes)).to_numpy() if classes else cells.astype(float).to_numpy()
    numbers = labels.astype(int) if classes else np.zeros(len(labels), int)
    counts = {int(k): int(v) for k, v in zip(*np.unique(numbers, return_counts=True), strict=True)}
    shares = held_out_shares(form_.job.recipe, default.data)
    parts = StratifiedSplit(counts, shares.validation, seed, shares.test).parts(numbers)
    is_test = parts == TEST
    written = np.concatenate([b.labels for b in _test_rows(prepared)])
    assert np.array_equal(written, labels[is_test].astype(float)), f"{one.name}: other test rows than were prepared"
    prose = {c.name for c in form_.profile.columns if is_free_text(c) and c.name != one.target}  # not for the default
    features = [c["name"] for c in schema["columns"] if c["role"] == "feature" or c["name"] in prose]
    return Split(
        texts, pd.read_csv(io.BytesIO(body)), one.target, schema["task"], classes, labels.astype(float), is_test,
        features, [c["name"] for c in schema["columns"] if c["kind"] == "datetime" and c["name"] in features],
        hint[0].name if hint else "",
    )  # fmt: skip


def ours(one: Table, algorithm: Algorithm, seed: int, held_out: Split, turned: Collection[str] = ()) -> Answers:
    """Train and ask. Raises Refused."""
    form_ = form(one, algorithm, seed, one.body(), turned)
    if algorithm.task_of(form_.job.hyperparameters, held_out.task) not in algorithm.predicts:
        raise Refused("it does not predict several classes")
    if form_.report.blocks:
        raise Refused(next(f.title for f in form_.report.findings if f.level == "err"))
    prepared = form_.prepared
    settled = algorithm.settle(form_.job.hyperparameters, prepared.data.facts)
    kinds = dict.fromkeys(prepared.data.channels, prepared.data.content_type)
    request = plan_prepared(form_.job, prepared.data.channels, kinds, settled).training_job()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        context = TrainingContext(
            request["HyperParameters"], _channels(prepared, root), root / "model", root / "output", num_cpus=THREADS,
            environment=request.get("Environment", {}), image=algorithm.image_uri("us-east-1"),
        )  # fmt: skip
        begun = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            algorithm.load_trainer()(context)
        seconds = time.perf_counter() - begun
        predictor = algorithm.load_predictor().load(context.model_dir)
        rows = held_out.texts.loc[held_out.is_test].drop(columns=[one.target])
        predictions = ask(algorithm, predictor, prepared.schema, rows)
    return Answers(_values(predictions, held_out.classes), seconds)


def ask(algorithm: Algorithm, predictor, schema: dict, rows: pd.DataFrame) -> list[Prediction]:
    """The predictions that an endpoint with this schema answers to rows by column name."""
    encoder = ModelSchema(schema, predictor, "")
    accept = predictor.response_type(algorithm.accept_header or "text/csv")
    predictions: list[Prediction] = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        named = rows.iloc[start : start + ROWS_AT_ONCE].to_dict("records")
        numbers = encoder.read(json.dumps({"instances": named}).encode(), "application/json")
        predictions += parse_response(schema, predictor.write(predictor.predict(numbers), accept), accept)
    return predictions


def _channels(prepared: Prepared, root: Path) -> dict[str, Channel]:
    channels = {}
    for name, uri in prepared.data.channels.items():
        prefix, path = parse_location(uri)[1], root / name
        path.mkdir()
        for key, body in prepared.store.objects.items():
            if key.startswith(prefix):
                (path / key.rpartition("/")[2]).write_bytes(body)
        channels[name] = Channel(name, path, prepared.data.content_type)
    return channels


def _test_rows(prepared: Prepared):
    return read_evaluation_rows(prepared.store, OUTPUT, prepared.data.content_type, prepared.schema["test_rows"])


def _position(classes: list[str]) -> dict[str, int]:
    return {name: index for index, name in enumerate(classes)}


def _values(predictions: list[Prediction], classes: list[str]) -> np.ndarray:
    if not classes:
        return np.array([p.value for p in predictions], float)
    positions = _position(classes)
    shares = np.zeros((len(predictions), len(classes)))
    for row, prediction in enumerate(predictions):
        for name, share in prediction.classes or [(str(prediction.label), 1.0)]:
            shares[row, positions[name]] = share
    return shares
