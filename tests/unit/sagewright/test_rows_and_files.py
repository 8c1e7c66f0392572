"""Rows, answers, files and states as people have them: what arrives, and what is refused in words."""

import json
from decimal import Decimal
from threading import Lock
from typing import TypedDict

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sagewright.runtime.files import column_names, read_channel
from sagewright.runtime.model import BaseModel, load, save
from sagewright.runtime.rows import answers_for, read_rows, write_answer, write_rows
from sagewright.runtime.signature import channels_of, check, hyperparameters_of

SHAPES = {
    "objects": (np.array([[1, "x"]], dtype=object), {"a": [1], "b": ["x"]}),
    "a row of a frame": (pd.DataFrame({"a": [1], "b": ["x"]}).iloc[0], {"a": [1], "b": ["x"]}),
    "one value for all rows": ({"a": [1, 2], "b": 5}, {"a": [1, 2], "b": [5, 5]}),
    "series": ({"a": pd.Series([1, 2]), "b": pd.Series(["x", "y"])}, {"a": [1, 2], "b": ["x", "y"]}),
    "lists in cells": ([[[1, 2], 3], [[4, 5], 6]], {"a": [[1, 2], [4, 5]], "b": [3, 6]}),
    "lists of polars": (pl.DataFrame({"a": [[1, 2]], "b": [1]}), {"a": [[1, 2]], "b": [1]}),
    "decimals": ({"a": [Decimal("1.5")], "b": ["x"]}, {"a": [1.5], "b": ["x"]}),
    "dates": (
        pd.DataFrame({"a": pd.to_datetime(["2020-01-02", None]), "b": [1, 2]}),
        {"a": ["2020-01-02 00:00:00", None], "b": [1, 2]},
    ),
}


@pytest.mark.parametrize(("rows", "columns"), SHAPES.values(), ids=SHAPES)
def test_cells_arrive_as_they_were_sent(rows, columns):
    assert read_rows(*write_rows(rows), ["a", "b"]).to_dict() == columns


def test_missing_cells_of_nullable_columns_are_missing():
    frame = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": ["x", None]})
    columns = read_rows(*write_rows(frame), ["a", "b"]).to_dict()
    assert columns["a"][0] == 1 and np.isnan(columns["a"][1]) and columns["b"] == ["x", None]


@pytest.mark.parametrize("rows", [[], pd.DataFrame({"a": []}), np.empty((0, 2))], ids=["list", "frame", "array"])
def test_no_rows_are_refused_before_anything_is_sent(rows):
    with pytest.raises(ValueError, match="There are no rows"):
        write_rows(rows)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "Own.predict returned None. Return an answer for each row"),
        ([1, 2, 3], "returned 3 answers for 2 rows"),
        (np.array(4.5), "returned 1 answers for 2 rows"),
        ("yes", "returned 1 answers for 2 rows"),
    ],
    ids=["none", "too many", "scalar", "text"],
)
def test_an_answer_that_is_not_one_for_each_row_is_refused(answer, words):
    with pytest.raises((TypeError, ValueError), match=words):
        answers_for(2, answer, "Own.predict")


def test_a_single_value_answers_a_single_row_and_a_generator_all():
    assert answers_for(1, np.array(4.5), "p") == [4.5]
    assert answers_for(1, "yes", "p") == ["yes"]
    assert answers_for(2, (n for n in (1, 2)), "p") == [1, 2]
    assert len(answers_for(2, {"p": [1, 2]}, "p")) == 2


def test_dates_are_answered_as_texts():
    for dates in (np.array(["2020-01-02"], "datetime64[ns]"), pd.Series(pd.to_datetime(["2020-01-02"]))):
        assert json.loads(write_answer(dates)[0])["predictions"] == ["2020-01-02 00:00:00"]


FILES = {
    "a year as a name": ("h.csv", "2019,y\n1,2\n", {"target": "y"}, {"2019": [1], "y": [2]}),
    "a comma in a name": ("q.csv", '"a, b",size\n1,2\n', {"target": "a, b"}, {"a, b": [1], "size": [2]}),
    "a semicolon in a name": ("s.csv", '"a;x;z",b\n1,2\n', {}, {"a;x;z": [1], "b": [2]}),
    "a list of objects": ("l.json", '[{"a": 1},\n {"a": 2}]', {}, {"a": [1, 2]}),
    "texts of digits": ("t.jsonl", '{"zip": "007", "created_at": 5}\n', {}, {"zip": ["007"], "created_at": [5]}),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "options", "columns"), FILES.values(), ids=FILES)
def test_a_file_is_read_as_it_is_written(tmp_path, name, text, options, columns):
    (tmp_path / name).write_text(text)
    assert read_channel(tmp_path, options=options).to_dict() == columns
    if name.endswith(".csv"):
        assert column_names(text.encode(), options) == list(columns)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("e.csv", b"a,b\n", "has no rows below the names"),
        ("x.xlsx", b"PK\x03\x04\x00\x00", "x.xlsx cannot be read as a table: it is no text. Give CSV, JSON Lines"),
        ("k.csv", "가,나\n1,2\n".encode("cp949"), "not written in UTF-8. Save it so"),
    ],
    ids=["no rows", "a workbook", "another encoding"],
)
def test_a_file_that_is_no_table_says_what_to_do(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=words):
        read_channel(tmp_path)


class Locked(BaseModel):
    def train(self, data):
        self.mean, self.lock = 5, Lock()

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "lock"}

    def __setstate__(self, state):
        vars(self).update(state)
        self.lock = Lock()

    def predict(self, rows):
        return [self.mean]


def test_the_state_is_saved_as_the_class_says_and_what_cannot_be_is_named(tmp_path):
    model = Locked()
    model.train(None)
    save(model, tmp_path, {})
    loaded, _facts = load(Locked, tmp_path)
    assert loaded.mean == 5 and loaded.lock is not model.lock

    model.rule = lambda row: row
    with pytest.raises(TypeError, match=r"train put self\.rule on Locked, a function that cannot be saved"):
        save(model, tmp_path, {})


class Settings(TypedDict):
    depth: int


def test_a_hyperparameter_is_as_long_as_a_job_takes_it():
    def train(self, data, *, layers: list = (), settings: Settings = None):  # type: ignore[assignment]
        pass

    known = hyperparameters_of(train)
    assert check(known, {"layers": [1] * 800, "settings": {"depth": 1}})["settings"] == {"depth": 1}
    with pytest.raises(ValueError, match="layers has 3000 characters as JSON, and a job takes 2500"):
        check(known, {"layers": [1] * 1000})
    with pytest.raises(ValueError, match="settings=3 is not Settings"):
        check(known, {"settings": 3})


def test_a_channel_that_sagemaker_takes_no_name_of_is_refused():
    def train(self, 자료):
        pass

    with pytest.raises(TypeError, match="SageMaker takes no channel called 자료"):
        channels_of(train)
