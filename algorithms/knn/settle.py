"""Completes hyperparameters, checks them against each other and estimates a run of k-NN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from algorithms.amazon import hyperparameter_errors
from algorithms.contract import Facts, HyperparameterProblem
from algorithms.knn.hyperparameters import CLASSIFIER, IVFPQ, L2, REGRESSOR
from algorithms.score_kind import ScoreKind

DEFAULT_K = 10
DEFAULT_SAMPLE_SIZE = 200_000
MIN_ROWS_FOR_PQ = 256  # rows that faiss needs to learn 8-bit codes


def task_of(hyperparameters: Mapping[str, str], suggested: str) -> str:
    """Return the task of predictor_type, else the suggested one. A classifier takes two classes or more."""
    predictor = hyperparameters.get("predictor_type")
    if predictor == REGRESSOR:
        return "regression"
    if predictor == CLASSIFIER and suggested not in ("binary", "multiclass"):
        return "multiclass"
    return suggested


def score_kind(hyperparameters: Mapping[str, str], task: str) -> ScoreKind:
    """A classifier answers the class itself."""
    return ScoreKind.VALUE if task_of(hyperparameters, task) == "regression" else ScoreKind.CLASS


def settle(hyperparameters: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Return the hyperparameters with defaults for the data. Keeps the user's values."""
    result = dict(hyperparameters)
    result.setdefault("predictor_type", REGRESSOR if facts.task == "regression" else CLASSIFIER)
    result.setdefault("feature_dim", str(facts.features))
    result.setdefault("sample_size", str(max(1, min(facts.rows, DEFAULT_SAMPLE_SIZE))))
    text = result["sample_size"]
    sample_size = int(text) if text.isdigit() else DEFAULT_K
    result.setdefault("k", str(max(1, min(DEFAULT_K, facts.rows, sample_size))))
    return result


def check_neighbours(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """`sample_size` must be at least `k`."""
    k, sample_size = values.get("k"), values.get("sample_size")
    if k and sample_size and k > sample_size:
        yield HyperparameterProblem(
            "k", f"k is {k}, but sample_size keeps {sample_size} rows only. Set k to {sample_size} or less."
        )


def check_reduction(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """A dimension reduction needs a target smaller than `feature_dim`."""
    target, width = values.get("dimension_reduction_target"), values.get("feature_dim")
    if "dimension_reduction_type" in values and target is None:
        yield HyperparameterProblem(
            "dimension_reduction_target", hyperparameter_errors.missing("dimension_reduction_target")
        )
    if target and width and target >= width:
        text = f"dimension_reduction_target is {target}; it must be less than feature_dim, which is {width}."
        yield HyperparameterProblem("dimension_reduction_target", text)


def check_index(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """IVFPQ needs `faiss_index_pq_m`, Euclidean distance and enough rows."""
    if values.get("index_type") != IVFPQ:
        return
    if "faiss_index_pq_m" not in values:
        yield HyperparameterProblem("faiss_index_pq_m", hyperparameter_errors.missing("faiss_index_pq_m"))
    metric = values.get("index_metric", L2)
    if metric != L2:
        text = f"index_metric {metric} is not supported with index_type faiss.IVFPQ. Use L2, or another index_type."
        yield HyperparameterProblem("index_metric", text)
    sample_size = values.get("sample_size")
    if sample_size and sample_size < MIN_ROWS_FOR_PQ:
        text = (
            f"index_type faiss.IVFPQ needs {MIN_ROWS_FOR_PQ} rows to learn from, and sample_size keeps {sample_size}."
        )
        yield HyperparameterProblem("sample_size", text)


RULES = (check_neighbours, check_reduction, check_index)


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the training time in seconds on one ml.m5.large: reading, and comparing the test rows with the sample."""
    sample_size = min(facts.rows, int(values.get("sample_size", DEFAULT_SAMPLE_SIZE)))
    width = int(values.get("dimension_reduction_target") or facts.features)
    comparisons = 0.25 * facts.rows * sample_size * width if facts.validation else 0.0
    index_factor = 1.0 if values.get("index_type", "faiss.Flat") == "faiss.Flat" else 0.1
    return 0.05 + facts.rows * facts.features * 1e-7 + comparisons * index_factor * 2.5e-10


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the peak bytes: the table, the sampled rows and their index."""
    sample_size = min(facts.rows, int(values.get("sample_size", DEFAULT_SAMPLE_SIZE)))
    return 100e6 + facts.rows * facts.features * 4 * 2.2 + sample_size * facts.features * 4 * 2
