"""The runtime that travels with a class: tables, channels, signatures, bodies."""

import doctest
import gzip
import io
import json
from typing import Literal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from jobs.code.request import metric_definitions
from jobs.code.spec import CodeSpec
from sagewright.runtime import table
from sagewright.runtime.files import read_channel
from sagewright.runtime.model import BaseModel
from sagewright.runtime.rows import CSV, JSON, NPY, read_answer, read_rows, write_answer, write_rows
from sagewright.runtime.signature import channels_of, check, hyperparameters_of, rows_kind
from sagewright.runtime.table import Table, table_of

FEATURES = ["a", "b"]


def test_the_example_of_a_table_runs():
    assert doctest.testmod(table).failed == 0


ROWS = {
    "pandas": pd.DataFrame({"b": [2, 4], "a": [1, 3], "more": ["x", "y"]}),
    "polars": pl.DataFrame({"b": [2, 4], "a": [1, 3]}),
    "table": Table({"b": [2, 4], "a": [1, 3]}),
    "dict of columns": {"b": [2, 4], "a": [1, 3]},
    "list of dicts": [{"b": 2, "a": 1}, {"a": 3, "b": 4}],
    "array": np.array([[1, 2], [3, 4]]),
    "list of lists": [[1, 2], [3, 4]],
    "csv": b"b,a\n2,1\n4,3\n",
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_rows_of_every_kind_arrive_in_the_order_of_the_training(rows):
    body, kind = (rows, CSV) if isinstance(rows, bytes) else write_rows(rows)
    assert read_rows(body, kind, FEATURES).to_numpy().tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("body", [b'{"instances": [[1, 2]]}', b'[{"b": 2, "a": 1}]', b'{"b": 2, "a": 1}'])
def test_json_may_be_written_in_several_ways(body):
    assert read_rows(body, "application/json; charset=utf-8", FEATURES).to_numpy().tolist() == [[1, 2]]


BAD = {
    "a missing column": (b'[{"a": 1}]', JSON, "Missing: b. The columns are: a."),
    "another width": (b"1,2,3\n", CSV, "3 values; 2 are needed: a, b"),
    "another type": (b"x", "image/png", "image/png is not understood"),
    "a pickled array": (b"", NPY, "allow_pickle=False"),
    "no row": (b"a,b\n", CSV, "no row below"),
}


@pytest.mark.parametrize(("body", "kind", "words"), BAD.values(), ids=BAD)
def test_rows_that_do_not_fit_are_refused_in_words(body, kind, words):
    if kind == NPY:
        out = io.BytesIO()
        np.save(out, np.array([{"a": 1}], dtype=object), allow_pickle=True)
        body = out.getvalue()
    with pytest.raises(ValueError, match=words):
        read_rows(body, kind, FEATURES)


def test_an_answer_comes_back_as_it_was_returned():
    def there_and_back(answer, like="table"):
        return read_answer(*write_answer(answer), like)

    assert np.array_equal(there_and_back(np.array([1.5, 2.5])), [1.5, 2.5])
    assert there_and_back(["yes", "no"]) == ["yes", "no"]
    assert there_and_back([np.float32(1.5)]) == [1.5]
    frame = pd.DataFrame({"label": ["x"], "p": [0.5]})
    assert there_and_back(frame, "pandas").equals(frame)
    assert isinstance(there_and_back(frame, "polars"), pl.DataFrame)
    assert write_answer(np.array([1.0, 2.0]), CSV) == (b"1.0\n2.0\n", CSV)
    assert np.load(io.BytesIO(write_answer([1, 2], NPY)[0])).tolist() == [1, 2]
    assert json.loads(write_answer(pd.Series([1, 2]))[0])["predictions"] == [1, 2]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_channel_is_read_by_either_library(tmp_path, monkeypatch, library):
    if library == "polars":
        monkeypatch.setattr("sagewright.runtime.files.find_spec", lambda name: None)
    (tmp_path / "one.csv").write_text("a,b,y\n1,x,0\n2,z,1\n")
    with gzip.open(tmp_path / "two.csv.gz", "wt") as file:
        file.write("a,b,y\n3,x,1\n")
    (tmp_path / ".hidden").write_text("no table")
    data = read_channel(tmp_path, options={"target": "y"})
    assert (data.columns, len(data)) == (["a", "b", "y"], 3)
    assert data.features.to_numpy().tolist() == [[1, "x"], [2, "z"], [3, "x"]]
    assert data.target.to_numpy().tolist() == [0, 1, 1]
    assert isinstance(read_channel(tmp_path, library), {"pandas": pd, "polars": pl}[library].DataFrame)


def test_a_channel_without_a_header_has_numbered_columns(tmp_path):
    (tmp_path / "a.csv").write_text("1;2.5\n3;4.5\n")
    assert read_channel(tmp_path, options={"target": "#2"}).features.to_dict() == {"#1": [1, 3]}
    assert read_channel(tmp_path, "numpy").tolist() == [[1, 2.5], [3, 4.5]]


def test_other_formats_are_read(tmp_path):
    frame = pd.DataFrame({"a": [1, 2]})
    frame.to_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.jsonl").write_text('{"a": 3}\n')
    assert read_channel(tmp_path).to_dict() == {"a": [1, 2, 3]}


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ValueError, match="has no files"):
        read_channel(tmp_path)
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="no column 'y' to be the target. Its columns are: a, b"):
        read_channel(tmp_path, options={"target": "y"})
    (tmp_path / "b.csv").write_text("a,c\n1,2\n")
    with pytest.raises(ValueError, match="different columns"):
        read_channel(tmp_path)
    with pytest.raises(ValueError, match="no target. Name it where the data is named"):
        _ = Table({"a": [1]}).target


class Typed(BaseModel):
    def train(
        self, data: pd.DataFrame, validation: "pl.DataFrame | None" = None, *, depth: int, rate: float = 0.1,
        loss: Literal["mse", "mae"] = "mse", layers: tuple[int, ...] = (8,), name: str | None = None, quick=True,
    ):  # fmt: skip
        pass

    def predict(self, rows: np.ndarray):
        pass


def test_a_signature_says_channels_and_kinds():
    assert [(c.name, c.kind, c.required) for c in channels_of(Typed.train)] == [
        ("data", "pandas", True),
        ("validation", "polars", False),
    ]
    assert rows_kind(Typed.predict) == "numpy"


def test_hyperparameters_are_checked_by_their_types():
    model = Typed(depth=np.int64(3), rate=1, layers=(4, 2))
    assert model.hyperparameters == {"depth": 3, "rate": 1.0, "layers": [4, 2]}
    wrong = {"depth": 2.5, "rate": "x", "loss": "auc", "layers": 3, "name": 1, "quick": {1}, "nix": 0}
    with pytest.raises(ValueError) as raised:
        Typed(**wrong)
    for words in (
        "depth=2.5 is not a whole number",
        "rate='x' is not a number",
        "loss='auc' is not one of 'mse', 'mae'",
        "layers=3 is not",
        "name=1 is not a text or None",
        "quick is a set, which no job can be sent",
        "There is no hyperparameter nix. There are: depth, rate, loss, layers, name, quick.",
    ):
        assert words in str(raised.value)
    with pytest.raises(ValueError, match="depth is missing: it has no default"):
        check(hyperparameters_of(Typed.train), {}, complete=True)
    with pytest.raises(ValueError, match="depth=True is not a whole number"):
        Typed(depth=True)


def test_the_metric_definition_finds_what_log_prints(capsys):
    import re

    heard = []
    model = Typed(depth=1)
    model._sagewright_listener = heard.append
    model.log(auc=np.float64(0.91), train_auc=1e-7, loss=float("nan"))
    line = capsys.readouterr().out
    defined = metric_definitions(CodeSpec(), ["auc", "train_auc", "loss"])
    values = {metric["Name"]: re.search(metric["Regex"], line)[1] for metric in defined}
    assert values == {"auc": "0.91", "train_auc": "1e-07", "loss": "nan"}
    assert heard[0]["auc"] == 0.91


def test_no_table_is_refused_in_words():
    with pytest.raises(ValueError, match="int is no table"):
        table_of(3)
    with pytest.raises(ValueError, match="different lengths"):
        table_of([[1, 2], [1]])
    assert table_of([[1, None], [2, 3]]).to_numpy().dtype == float
