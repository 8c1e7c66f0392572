"""The target column of a table that a person names is read as the labels that the model knows."""

import io

import numpy as np
import polars as pl
import pytest

from common.problems import Problem
from evaluation.labels import read_labels
from evaluation.table_input import write_table_rows
from tables import Folder, Recipe, locate
from tables.inspector import inspect_source
from tables.raw_rows import ROW_NUMBER


def schema_of(classes: list[str]) -> dict:
    columns = [{"name": "age", "kind": "number", "role": "feature"}]
    columns += [{"name": "plan", "kind": "category", "role": "feature"}]
    target = {"name": "outcome", "kind": "category" if classes else "number", "role": "target"}
    return {"classes": classes, "target": "outcome", "label": True, "columns": [*columns, target]}


def raw_of(*cells: str | None) -> pl.DataFrame:
    return pl.DataFrame({ROW_NUMBER: np.arange(5, 5 + len(cells)), "outcome": pl.Series(cells, dtype=pl.String)})


@pytest.mark.parametrize(
    ("classes", "cells", "values"),
    [
        (["no", "yes"], ["yes", " no ", "YES"], [1, 0, 1]),
        (["0", "1"], ["1.0", "0", "1"], [1, 0, 1]),
        (["none", "some"], ["none", "some"], [0, 1]),
        ([], ["3.5", "1e3"], [3.5, 1000]),
    ],
    ids=["spelling", "numbers", "a word for no value", "a regression"],
)
def test_labels_are_read_as_the_model_knows_them(classes, cells, values):
    assert read_labels(schema_of(classes), raw_of(*cells)).values.tolist() == values


def test_a_label_that_is_missing_or_unknown_is_named():
    labels = read_labels(schema_of(["no", "yes"]), raw_of("yes", "maybe", None))
    assert np.isnan(labels.values).tolist() == [False, True, True]
    assert labels.why == "row 6: outcome is 'maybe', and the model knows no, yes"
    with pytest.raises(Problem, match="No row has a label .* In the first, outcome has no value"):
        read_labels(schema_of(["no", "yes"]), raw_of(None, ""))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("age,Plan,outcome", "has no column plan, which the model takes. .* Is Plan the same"),
        ("x,y,outcome", "has no column age and 1 more"),
        ("age,plan,result", "has no column outcome, so there is nothing to compare"),
    ],
    ids=["another spelling", "two missing", "no target"],
)
def test_a_table_without_a_column_of_the_model_is_refused_with_the_fix(tmp_path, header, words):
    Folder(tmp_path).put("data", "new.csv", io.BytesIO(f"{header}\n1,a,yes\n2,b,no\n".encode()), "text/csv")
    source = locate(Folder(tmp_path), "s3://data/new.csv")
    inspection = inspect_source(source, Recipe(), supervised=False)
    with pytest.raises(Problem, match=words):
        write_table_rows(source, inspection, schema_of(["no", "yes"]), Folder(tmp_path), lambda _done: None)
