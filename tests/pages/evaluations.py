"""Evaluated models for the tests of their pages: documents made from real figures of made-up predictions."""

from functools import cache

import numpy as np
import polars as pl

from evaluation.anomalies import anomalies
from evaluation.clusters import clusters
from evaluation.components import components
from evaluation.document import evaluation_document
from evaluation.encoded_sample import EncodedSample
from evaluation.predictions import DATA
from tables.predictions import Prediction

COLUMNS = [
    {"name": "plan", "kind": "category", "role": "feature"},
    {"name": "age", "kind": "number", "role": "feature"},
    {"name": "outcome", "kind": "category", "role": "target"},
]


def schema_of(kind: str) -> dict:
    """The schema of a model of that kind."""
    classes = {"binary": ["stays", "leaves"], "multiclass": ["red", "green", "blue"], "regression": []}[kind]
    return {"classes": classes, "columns": COLUMNS, "target": "outcome", "label": True, "test_rows": 600}


UNLABELLED = ("clusters", "anomalies", "components")


class Projection:
    """A model that answers the coordinates of rows on `weights`, (features, components)."""

    rows_at_once = 2_000

    def __init__(self, weights: np.ndarray):
        self._weights = weights

    def outputs(self, rows: np.ndarray) -> list[Prediction]:
        return [Prediction(projection=row) for row in (rows @ self._weights).tolist()]


def unlabelled_schema() -> dict:
    """The schema of a model without a label."""
    columns = [column for column in COLUMNS if column["role"] != "target"]
    joined = {"name": "joined", "kind": "datetime", "form": "iso", "role": "excluded"}
    return {
        "classes": [], "columns": [*columns, joined], "target": "", "label": False, "test_rows": 0,
        "features": ["plan=basic", "age"],
    }  # fmt: skip


@cache
def unlabelled_document_of(kind: str, rows: int = 600) -> dict:
    """The document of a model without a label: three groups, five strange rows, or two components of two features."""
    rng = np.random.default_rng(7)
    group = np.arange(rows) % 3
    basic = np.where(group == 0, rng.random(rows) < 0.9, rng.random(rows) < 0.2)
    age = 20.0 + 20 * group + rng.normal(size=rows)
    encoded = np.column_stack([basic, (age - age.mean()) / age.std()]).astype(float)
    joined = [f"2025-{1 + at // 28 % 12:02}-{1 + at % 28:02}" for at in range(rows)]
    data = {DATA + "plan": np.where(basic, "basic", "premium"), DATA + "age": age.round(1).astype(str)}
    data |= {DATA + "joined": np.array(joined)}
    weights = np.array([[0.6, 0.8], [0.8, -0.6]])
    score = 0.9 + 0.05 * rng.random(rows)
    score[::120] = 2.0
    projected = encoded @ weights
    answers = {
        "clusters": {"cluster": group, "distance": np.abs(rng.normal(size=rows))}, "anomalies": {"score": score},
        "components": {"component.1": projected[:, 0], "component.2": projected[:, 1]},
    }[kind]  # fmt: skip
    table = pl.DataFrame({"row": np.arange(1, rows + 1)} | answers | data)
    sample, schema = EncodedSample(encoded, np.arange(rows)), unlabelled_schema()
    figures = {
        "clusters": lambda: clusters(table, schema, sample),
        "anomalies": lambda: anomalies(table, schema, {"0.9": 1.0, "0.99": 1.2}),
        "components": lambda: components(table, schema, sample, Projection(weights)),  # type: ignore[arg-type]
    }[kind]()
    common = {"version": 1, "kind": kind, "rows": rows, "test_rows": 1200, "target": "", "slices": None}
    return common | figures | {"on": {"is_whole": True, "left_out": 2, "why": "row 7: why"}, "explain": None}


def table_of(kind: str, rows: int = 600) -> pl.DataFrame:
    """Predictions of a fair model, which is bad where the plan is basic."""
    rng = np.random.default_rng(7)
    plan = rng.choice(["basic", "premium"], rows)
    age = rng.integers(18, 80, rows)
    data = {DATA + "plan": plan, DATA + "age": age.astype(str), DATA + "outcome": [""] * rows}
    numbers = {"row": np.arange(1, rows + 1)}
    noise = np.where(plan == "basic", 3.0, 0.7) * rng.normal(size=rows)
    if kind == "regression":
        label = age * 10.0 + rng.normal(size=rows) * 20
        return pl.DataFrame(numbers | {"label": label, "prediction": age * 10.0 + 30 * noise} | data)
    if kind == "binary":
        logit = rng.normal(size=rows) * 2 - 1
        share = 1 / (1 + np.exp(-(logit + noise)))
        label = np.where(rng.random(rows) < 1 / (1 + np.exp(-2 * logit)), "leaves", "stays")
        predicted = np.where(share >= 0.5, "leaves", "stays")
        shares = {"probability.stays": 1 - share, "probability.leaves": share}
        return pl.DataFrame(numbers | {"label": label, "prediction": predicted, "score": share} | shares | data)
    actual = rng.integers(0, 3, rows)
    scores = rng.normal(size=(rows, 3)) * np.where(plan == "basic", 2.0, 0.6)[:, None]
    scores[np.arange(rows), actual] += 2
    shares_of = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    names = np.array(schema_of(kind)["classes"])
    columns = {"label": names[actual], "prediction": names[shares_of.argmax(axis=1)], "score": shares_of.max(axis=1)}
    shares = {f"probability.{name}": shares_of[:, at] for at, name in enumerate(names)}
    return pl.DataFrame(numbers | columns | shares | data)


@cache
def document_of(kind: str) -> dict:
    """The document of such predictions, with an explanation as `evaluation.explain` gives it."""
    classes = schema_of(kind)["classes"]
    answers = len(classes) if len(classes) > 2 else 1
    plan = {"column": "plan", "is_number": False, "values": ["basic", "premium"]}
    age = {"column": "age", "is_number": True, "values": [20.0, 50.0, 80.0]}
    dependence = [
        plan | {"answers": [[0.4] * answers, [0.2] * answers]},
        age | {"answers": [[0.1 * step] * answers for step in (1, 2, 3)]},
    ]
    columns = [
        {"column": "plan", "kind": "category", "loss": 0.08, "sd": 0.01},
        {"column": "age", "kind": "number", "loss": -0.001, "sd": 0.002},
    ]
    metric = {"binary": "auc", "multiclass": "accuracy", "regression": "mae"}[kind]
    explain = {
        "metric": metric, "base": 0.82, "rows": 600, "repeats": 5, "columns": columns, "classes": classes[:4],
        "left_out": 0, "dependence": dependence,
    }  # fmt: skip
    return evaluation_document(table_of(kind), schema_of(kind), 600) | {"explain": explain}
