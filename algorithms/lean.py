"""Cheap imports of XGBoost, LightGBM and CatBoost: a fraction of a second, and no threads.

All three import pandas and its kin only to offer classes in scikit-learn's style and to recognise others' tables. A
process that uses neither, such as a training zygote or the serving process, imports them through here. What was kept
out stays importable afterwards; only those extras are missing then, for the life of the process.

Keeping Polars out also keeps out the threads it starts when it is imported, which a zygote must not have when it forks.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from algorithms.contract import AlgorithmFailure
from algorithms.openmp import provide_openmp


def import_xgboost() -> Any:
    """The xgboost module, imported leanly if this process has not imported it yet. Repeatable."""
    return _imported("xgboost", missing=("pandas", "sklearn"))


def import_lightgbm() -> Any:
    """The lightgbm module, likewise. Raises AlgorithmFailure where its OpenMP library cannot be had."""
    if "lightgbm" not in sys.modules:
        provide_openmp()
    try:
        return _imported("lightgbm", missing=("pandas", "sklearn", "pyarrow"))
    except OSError as e:
        raise AlgorithmFailure(
            f"LightGBM could not be loaded: {e}. It needs the OpenMP library libgomp.so.1, which the package libgomp1 "
            "(Debian, Ubuntu) or libgomp (Fedora, Alpine) installs."
        ) from e


def import_catboost() -> Any:
    """The catboost module, likewise. It insists on pandas and Polars, so it is shown stand-ins that nothing is of."""
    return _imported("catboost", stand_ins=("pandas", "polars"))


def _imported(name: str, missing: tuple[str, ...] = (), stand_ins: tuple[str, ...] = ()) -> Any:
    if name in sys.modules:
        return sys.modules[name]
    shown: dict[str, Any] = {other: None for other in missing}  # makes `import other` raise ImportError
    shown |= {other: _StandIn(other) for other in stand_ins}
    with _in_place_of(shown):
        return importlib.import_module(name)


@contextmanager
def _in_place_of(shown: dict[str, Any]) -> Iterator[None]:
    hidden = [name for name in shown if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = shown[name]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


class _StandIn(ModuleType):
    """A module whose every attribute is an empty class: `isinstance(data, pandas.DataFrame)` is simply false."""

    __version__ = "0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (), {})
        setattr(self, name, made)
        return made
