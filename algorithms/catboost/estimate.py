"""About how long CatBoost trains and how much memory it needs."""

from collections.abc import Mapping
from typing import Any

from algorithms.contract import Facts


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    return 0.0


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    return 0.0
