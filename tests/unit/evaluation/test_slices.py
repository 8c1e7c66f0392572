"""The worst groups are found where there are some, and not where there is only chance."""

import numpy as np
import polars as pl
import pytest

from evaluation.conditions import mask
from evaluation.slices import WorstGroups
from tests.pages.evaluations import schema_of, table_of


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_the_group_that_is_bad_is_named_and_its_rows_are_counted(kind):
    table, schema = table_of(kind), schema_of(kind)
    result = WorstGroups(table, schema).find()
    wheres = [group["where"] for group in result["groups"]]
    assert [{"column": "plan", "is": "basic"}] in wheres
    for group in result["groups"]:
        rows = table.filter(mask(schema, group["where"]))
        assert len(rows) == group["rows"] and any(c.get("is") == "basic" for c in group["where"])
        if kind == "multiclass":
            assert group["value"] == (rows["label"] == rows["prediction"]).mean()
        if kind == "regression":
            assert group["value"] == pytest.approx((rows["label"] - rows["prediction"]).abs().mean())


def test_a_model_that_is_equally_good_everywhere_has_no_worst_group():
    result = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        right = rng.random(500) < 0.8
        data = {f"data.c{i}": rng.choice(list("abcde"), 500) for i in range(8)}
        table = pl.DataFrame({"row": range(500), "label": ["x"] * 500, "prediction": np.where(right, "x", "y")} | data)
        columns = [{"name": f"c{i}", "kind": "category", "role": "feature"} for i in range(8)]
        result += bool(WorstGroups(table, {"classes": ["x", "y", "z"], "columns": columns}).find()["groups"])
    assert result <= 3  # one in twenty, and the normal approximation is rough in small groups


def test_missing_cells_are_a_group_and_numbers_are_read_as_the_table_writes_them():
    rows = 200
    data = {"data.fee": ["" if i % 2 else f"{i},5" for i in range(rows)]}
    label = ["a" if i % 2 else "b" for i in range(rows)]
    table = pl.DataFrame({"row": range(rows), "label": label, "prediction": ["b"] * rows} | data)
    column = {"name": "fee", "kind": "number", "role": "feature", "numbers": "comma"}
    schema = {"classes": ["a", "b", "c"], "columns": [column]}
    result = WorstGroups(table, schema).find()
    assert result["groups"][0]["where"] == [{"column": "fee", "empty": True}] and result["groups"][0]["value"] == 0
