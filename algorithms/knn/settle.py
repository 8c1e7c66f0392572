"""Settles what a person left open, checks settings against each other, and estimates a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from algorithms.amazon import error_messages
from algorithms.contract import Facts, HyperparameterProblem
from algorithms.knn.hyperparameters import CLASSIFIER, IVFPQ, L2, REGRESSOR

K = 10
SAMPLE = 200_000
LEAST_FOR_PIECES = 256  # rows that faiss needs to learn 8-bit codes


def task_of(given: Mapping[str, str], suggested: str) -> str:
    """The task that predictor_type asks for, else the suggested one. A classifier takes two classes or more."""
    predictor = given.get("predictor_type")
    if predictor == REGRESSOR:
        return "regression"
    if predictor == CLASSIFIER and suggested not in ("binary", "multiclass"):
        return "multiclass"
    return suggested


def settle(given: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """`given` completed for the data; what the person set stays as it is."""
    settled = dict(given)
    settled.setdefault("predictor_type", REGRESSOR if facts.task == "regression" else CLASSIFIER)
    settled.setdefault("feature_dim", str(facts.features))
    settled.setdefault("sample_size", str(max(1, min(facts.rows, SAMPLE))))
    kept = settled["sample_size"]
    settled.setdefault("k", str(max(1, min(K, facts.rows, int(kept) if kept.isdigit() else K))))
    return settled


def neighbours(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """There must be as many rows as neighbours are asked for."""
    k, kept = values.get("k"), values.get("sample_size")
    if k and kept and k > kept:
        yield HyperparameterProblem("k", f"k is {k}, but sample_size keeps {kept} rows only. Set k to {kept} or less.")


def reduction(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """A reduction needs a target, and the target must be fewer dimensions."""
    target, width = values.get("dimension_reduction_target"), values.get("feature_dim")
    if "dimension_reduction_type" in values and target is None:
        yield HyperparameterProblem("dimension_reduction_target", error_messages.missing("dimension_reduction_target"))
    if target and width and target >= width:
        text = f"dimension_reduction_target is {target}; it must be less than feature_dim, which is {width}."
        yield HyperparameterProblem("dimension_reduction_target", text)


def index(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """IVFPQ needs to know its pieces, and knows Euclidean distance only."""
    if values.get("index_type") != IVFPQ:
        return
    if "faiss_index_pq_m" not in values:
        yield HyperparameterProblem("faiss_index_pq_m", error_messages.missing("faiss_index_pq_m"))
    metric = values.get("index_metric", L2)
    if metric != L2:
        text = f"index_metric {metric} is not supported with index_type faiss.IVFPQ. Use L2, or another index_type."
        yield HyperparameterProblem("index_metric", text)
    kept = values.get("sample_size")
    if kept and kept < LEAST_FOR_PIECES:
        text = f"index_type faiss.IVFPQ needs {LEAST_FOR_PIECES} rows to learn from, and sample_size keeps {kept}."
        yield HyperparameterProblem("sample_size", text)


RULES = (neighbours, reduction, index)


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """About how long a job takes on one ml.m5.large: reading, and judging the test rows (a quarter) by every row."""
    kept = min(facts.rows, int(values.get("sample_size", SAMPLE)))
    width = int(values.get("dimension_reduction_target") or facts.features)
    compared = 0.25 * facts.rows * kept * width if facts.validation else 0.0
    fewer = 1.0 if values.get("index_type", "faiss.Flat") == "faiss.Flat" else 0.1
    return 1.0 + facts.rows * facts.features * 1e-7 + compared * fewer * 2.5e-10


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Bytes at the peak: the table, the rows kept, and the index of them."""
    kept = min(facts.rows, int(values.get("sample_size", SAMPLE)))
    return 150e6 + facts.rows * facts.features * 4 * 2.2 + kept * facts.features * 4 * 2
