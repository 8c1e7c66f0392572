"""Rules between hyperparameters of PCA."""

from collections.abc import Iterable, Mapping
from typing import Any

from algorithms.spec import HyperparameterProblem


def check_num_components(values: Mapping[str, Any]) -> Iterable[HyperparameterProblem]:
    """`num_components` must not exceed `feature_dim`."""
    components, columns = values.get("num_components", 0), values.get("feature_dim", 0)
    if columns and components > columns:
        yield HyperparameterProblem(
            "num_components",
            f"num_components is {components}, but a row has {columns} columns (feature_dim). "
            f"Set num_components to {columns} or less.",
        )


RULES = (check_num_components,)
