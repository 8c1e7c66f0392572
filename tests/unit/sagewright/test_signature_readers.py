"""What the console reads from the source of a class is what the runtime reads from the class itself."""

import ast
import inspect

import pytest

from jobs.code.signature import read_class
from sagewright.runtime.model import BaseModel
from sagewright.runtime.signature import channels_of, hyperparameters_of, rows_kind

HEAD = """
import numpy
import numpy as np
import pandas
import pandas as pd
import polars as pl
from pandas import DataFrame
from typing import Literal, Optional, Union

class Own(Model):
"""
ANNOTATIONS = [
    "", "pd.DataFrame", "pandas.DataFrame", "DataFrame", "pl.DataFrame", "pl.LazyFrame", "np.ndarray", "numpy.ndarray",
    "list", "'pd.DataFrame'", "'pandas.DataFrame'", "pd.DataFrame | None", "None | pd.DataFrame",
    "Optional[pl.DataFrame]", "Union[None, np.ndarray]", "Union[list, DataFrame]", "'Optional[pd.DataFrame]'",
    "'Undefined'", "list[pd.DataFrame]", "dict[str, np.ndarray]", "list[str]",
]  # fmt: skip
SIGNATURES = [
    "self, data",
    "self, data, validation=None",
    "self, data, /, other, *, rate: float = 0.1, depth: int, kind: Literal['a', 'b'] = 'a'",
    "self, data: pd.DataFrame, *, name='x', flag: bool = False, sizes: list = (1, 2), limit: Optional[int] = None",
]


def both(source: str):
    """(the signature by the source, the class made of it)."""
    names: dict = {"Model": BaseModel}
    exec(compile(source, "own.py", "exec"), names)  # noqa: S102
    return read_class(ast.parse(source), "Own"), names["Own"]


@pytest.mark.parametrize("annotation", ANNOTATIONS)
def test_both_read_the_same_kind_of_an_annotation(annotation):
    typed = f"data: {annotation}" if annotation else "data"
    source = f"{HEAD}    def train(self, {typed}): ...\n    def predict(self, {typed}): return data\n"
    by_source, own = both(source)
    assert [channel.kind for channel in by_source.channels] == [channel.kind for channel in channels_of(own.train)]
    assert by_source.rows == rows_kind(own.predict)


@pytest.mark.parametrize("arguments", SIGNATURES)
def test_both_read_the_same_channels_and_hyperparameters(arguments):
    by_source, own = both(f"{HEAD}    def train({arguments}): ...\n    def predict(self, rows): return rows\n")
    channels = [(channel.name, channel.kind, channel.required) for channel in channels_of(own.train)]
    assert [(channel.name, channel.kind, channel.required) for channel in by_source.channels] == channels
    known = hyperparameters_of(own.train).values()
    defaults = [(h.name, None if h.default is inspect.Parameter.empty else h.default, h.required) for h in known]
    assert [(p.name, p.default, p.required) for p in by_source.parameters] == defaults
