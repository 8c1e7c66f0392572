"""Rules between hyperparameters: CatBoost's own errors, reported before the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from algorithms.contract import HyperparameterProblem
from algorithms.jumpstart.tasks import problem_if

_LEAVES = 31  # AWS's default, which CatBoost takes with every policy


def check_threads(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """`thread_count` must not be 0."""
    # CatBoost fails with a division by zero. AWS's script refuses it with this text.
    yield from problem_if(
        values.get("thread_count") == 0,
        "thread_count",
        "Hyperparameter thread_count is found to be 0. Please ensure thread_count is more than 0 or equal to -1. "
        "Value -1 means that the number of threads is equal to the number of processor cores.",
    )


def check_leaves(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """`max_leaves` needs `grow_policy` Lossguide."""
    yield from problem_if(
        values.get("max_leaves", _LEAVES) != _LEAVES and values.get("grow_policy") != "Lossguide",
        "max_leaves",
        "max_leaves option works only with lossguide tree growing. Set grow_policy to Lossguide, or leave it out.",
    )


def check_sampling(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """Lossguide does not support sampling per level."""
    yield from problem_if(
        values.get("grow_policy") == "Lossguide" and values.get("sampling_frequency") == "PerTreeLevel",
        "sampling_frequency",
        "PerTreeLevel sampling is not supported for Lossguide grow policy. Set sampling_frequency to PerTree.",
    )


def check_ordered(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """Ordered boosting needs symmetric trees."""
    yield from problem_if(
        values.get("boosting_type") == "Ordered" and values.get("grow_policy", "SymmetricTree") != "SymmetricTree",
        "boosting_type",
        "Ordered boosting is not supported for nonsymmetric trees. Set boosting_type to Plain, or grow_policy to "
        "SymmetricTree.",
    )


RULES = (check_threads, check_leaves, check_sampling, check_ordered)
