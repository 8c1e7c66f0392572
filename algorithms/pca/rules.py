"""What PCA's hyperparameters ask of one another."""

from collections.abc import Iterable, Mapping
from typing import Any

from algorithms.spec import HyperparameterProblem


def no_more_components_than_columns(values: Mapping[str, Any]) -> Iterable[HyperparameterProblem]:
    """A table of n columns has n directions and no more."""
    components, columns = values.get("num_components", 0), values.get("feature_dim", 0)
    if columns and components > columns:
        yield HyperparameterProblem(
            "num_components",
            f"num_components is {components}, but a row has {columns} columns (feature_dim). "
            f"Set num_components to {columns} or less.",
        )


RULES = (no_more_components_than_columns,)
