"""A table on the product's own path: what it reads, checks, mends, prepares and answers agrees."""

import numpy as np
import pytest

from tests.corpus.cases import table

TABLE = "plan,joined,spend,visits,churned\n" + "".join(
    f"{('basic', 'plus', 'gold')[i % 3]},2024-0{i % 9 + 1}-1{i % 9},{i * 3 % 50}.5,{i % 7},{'yes' if i % 5 else 'no'}\n"
    for i in range(120)
)


@pytest.mark.parametrize("algorithm", ["xgboost", "linear-learner", "lightgbm", "knn", "factorization-machines"])
def test_rows_by_name_become_the_very_numbers_that_were_prepared(algorithm):
    tried = table(TABLE, target="churned", algorithm=algorithm, validation_share=0)
    assert tried.report.rows == 120 and not tried.findings("err")
    cells = [dict(zip(tried.columns, line.split(","), strict=True)) for line in TABLE.splitlines()[1:]]
    written, encoded = tried.prepared.matrix()[:, 1:], tried.prepared.encode(*cells)
    assert written.shape == (120, len(tried.prepared.features))
    assert np.array_equal(written, encoded.astype(np.float32) if algorithm == "factorization-machines" else encoded)


def test_a_fix_that_is_pressed_changes_what_is_prepared():
    body = "price,y\n" + "".join(f'"{i % 90 + 1},{i % 900 + 100}",{i % 2}\n' for i in range(60))
    tried = table(body, target="y")
    assert ("columns.numbers", "err", "price") in tried.findings()
    fixed = tried.press("columns.numbers", "price")
    assert not fixed.findings("err") and fixed.kinds["price"] == "number"
    assert fixed.prepared.encode({"price": "1,100"}).tolist() == [[1100.0]]
