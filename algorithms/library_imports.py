"""Fast imports of XGBoost, LightGBM and CatBoost, without their optional dependencies.

All three import pandas and similar packages only for scikit-learn style classes and to recognise data frames. A process
that uses neither, such as a training zygote or the serving process, imports them through this module. The optional
packages stay importable afterwards. Only the extras that depend on them are missing for the life of the process.

An import of Polars starts threads. A zygote must not have threads when it forks.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import ModuleType
from typing import Any

from algorithms.contract import AlgorithmFailure
from algorithms.openmp import provide_openmp


def import_xgboost() -> Any:
    """Return the xgboost module. Imports it without pandas and scikit-learn if needed. Repeatable.

    For each matrix XGBoost imports pandas, 0.2 s and 40 MB, to ask whether an array is a data frame. Where nobody has
    imported pandas it is none.
    """
    module = _import("xgboost", absent=("pandas", "sklearn"))
    for name in ("_is_pandas_series", "_is_pandas_df"):
        asks = getattr(module.data, name, None)
        if asks is not None and not hasattr(asks, "__wrapped__"):
            setattr(module.data, name, _only_with_pandas(asks))
    return module


def import_lightgbm() -> Any:
    """Return the lightgbm module. Imports it without pandas, scikit-learn and PyArrow if needed. Repeatable.

    Raises AlgorithmFailure where its OpenMP library is missing.
    """
    if "lightgbm" not in sys.modules:
        provide_openmp()
    try:
        return _import("lightgbm", absent=("pandas", "sklearn", "pyarrow"))
    except OSError as e:
        raise AlgorithmFailure(
            f"LightGBM could not be loaded: {e}. It needs the OpenMP library libgomp.so.1, which the package libgomp1 "
            "(Debian, Ubuntu) or libgomp (Fedora, Alpine) installs."
        ) from e


def import_catboost() -> Any:
    """Return the catboost module, whose `utils` are imported too. Repeatable.

    CatBoost requires pandas and Polars, so it gets stub modules whose classes have no instances.
    """
    _import("catboost.utils", stubs=("pandas", "polars"))
    return sys.modules["catboost"]


def _only_with_pandas(asks: Callable[[Any], bool]) -> Callable[[Any], bool]:
    @wraps(asks)
    def ask(value: Any) -> bool:
        return "pandas" in sys.modules and asks(value)

    return ask


def _import(name: str, absent: tuple[str, ...] = (), stubs: tuple[str, ...] = ()) -> Any:
    if name in sys.modules:
        return sys.modules[name]
    replacements: dict[str, Any] = {other: None for other in absent}  # makes `import other` raise ImportError
    replacements |= {other: _StubModule(other) for other in stubs}
    with _replaced_modules(replacements):
        return importlib.import_module(name)


@contextmanager
def _replaced_modules(replacements: dict[str, Any]) -> Iterator[None]:
    added = [name for name in replacements if name not in sys.modules]
    for name in added:
        sys.modules[name] = replacements[name]
    try:
        yield
    finally:
        for name in added:
            sys.modules.pop(name, None)


class _StubModule(ModuleType):
    """A module whose attributes are all empty classes, so that `isinstance(data, pandas.DataFrame)` is false."""

    __version__ = "0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        empty_class = type(name, (), {})
        setattr(self, name, empty_class)
        return empty_class
