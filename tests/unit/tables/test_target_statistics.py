"""Texts with many values become the label's mean over other training rows, and rows by name become the same numbers."""

import csv
import io
import json
from collections import defaultdict

import numpy as np
import pytest
import xgboost as xgb
from sklearn.metrics import roc_auc_score

from algorithms.formats.recordio import read_table
from tables import Folder, Recipe, RowEncoder, locate, prepare
from tables.target_statistics import ALL, FOLDS, PRIOR_ROWS, assign_folds
from tests.corpus.cases import table as table_of
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS, RECORDIO

ROWS, SHOPS = 3000, 60


def table(kind: str, seed: int = 0) -> list[dict[str, str]]:
    """Shops of which each has its own share of "yes", a code that means nothing, and a number; some shops are empty."""
    random = np.random.default_rng(seed)
    effect = random.normal(scale=2, size=SHOPS)
    rows = []
    for _ in range(ROWS):
        shop, x = int(random.integers(SHOPS)), random.normal()
        value = effect[shop] + x + random.normal()
        label = {
            "binary": "yes" if value > 0 else "no",
            "multiclass": "low" if value < -1 else "high" if value > 1 else "middle",
            "regression": f"{value:.4f}",
        }[kind]
        name = "" if shop == 0 else f"Shop {shop}"
        rows.append({"shop": name, "code": f"c{random.integers(ROWS // 3)}", "x": f"{x:.4f}", "y": label})
    return rows


def as_csv(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def channel(folder: Folder, uri: str, content_type: str) -> np.ndarray:
    """The label and the features of each row of a channel, float64."""
    key = uri.removeprefix(f"s3://{BUCKET}/")
    (listing,) = folder.list_objects(BUCKET, key)
    body = folder.fetch(BUCKET, listing.key, 0, listing.size)
    if content_type == RECORDIO:
        x, y = read_table(body)
        return np.column_stack([y, x]).astype(float)
    return np.array([[float(c) if c else np.nan for c in line.split(",")] for line in body.decode().splitlines()])


def expected_mean(pairs: list[tuple[str, float]], text: str) -> float:
    """The label's mean over the rows with `text`, shrunk to that of all."""
    labels = [y for _, y in pairs]
    same = [y for t, y in pairs if t == text]
    return (sum(same) + PRIOR_ROWS * sum(labels) / len(labels)) / (len(same) + PRIOR_ROWS)


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_each_training_row_gets_the_mean_of_the_rows_in_other_folds(folder, keep, kind):
    rows = table(kind)
    recipe = Recipe(target="y", types={"code": "text", "shop": "category"}, validation="none")
    prepared = prepare(locate(folder, keep(as_csv(rows))), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/m")
    written = channel(folder, prepared.channels["train"], prepared.content_type)
    shares = ["high", "low", "middle"] if kind == "multiclass" else ["mean"]
    features = [f"shop~{share}" for share in shares] + ["shop~rows"]
    assert prepared.schema["features"][: len(features)] == features
    folds, labels = assign_folds(0, ROWS), written[:, 0]
    for at, _share in enumerate(shares):
        y = (labels == at).astype(float) if kind == "multiclass" else labels
        for row in (0, 1, 17, 500, ROWS - 1):
            others = [(r["shop"], y[i]) for i, r in enumerate(rows) if folds[i] != folds[row]]
            assert written[row, 1 + at] == pytest.approx(expected_mean(others, rows[row]["shop"]), rel=1e-9)
    counts = defaultdict(int)
    for row in rows:
        counts[row["shop"]] += 1
    assert [counts[row["shop"]] for row in rows] == written[:, 1 + len(shares)].tolist()


@pytest.mark.parametrize("name", ["trees", "neighbours", "records"])
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_a_row_by_name_becomes_what_preparing_made_of_a_held_out_row(folder, keep, kind, name):
    rows, more = table(kind), table(kind, seed=1)
    more[0]["shop"], more[1]["code"] = "Shop of nobody", "code of nobody"
    recipe = Recipe(
        target="y", types={"code": "text", "shop": "category"}, validation="location",
        validation_uri=keep(as_csv(more), "more.csv"),
    )  # fmt: skip
    algorithm = ALGORITHMS[name]
    prepared = prepare(locate(folder, keep(as_csv(rows))), recipe, algorithm, f"s3://{BUCKET}/m")
    written = channel(folder, prepared.channels[algorithm.data.validation], prepared.content_type)[:, 1:]
    schema = json.loads(json.dumps(prepared.schema))
    encoded = RowEncoder(schema).encode([{k: v for k, v in row.items() if k != "y"} for row in more])
    np.testing.assert_array_equal(written, encoded if prepared.content_type != RECORDIO else encoded.astype(np.float32))
    if name == "neighbours":
        assert np.nanstd(encoded[:, 0]) == pytest.approx(1, abs=0.2)


def test_the_signal_of_many_values_is_kept_and_a_code_without_meaning_leaks_no_label(folder, keep):
    recipe = Recipe(target="y", types={"code": "category", "shop": "category"})
    prepared = prepare(locate(folder, keep(as_csv(table("binary")))), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/m")
    train, held = (channel(folder, prepared.channels[c], prepared.content_type) for c in ("train", "validation"))
    code = [i + 1 for i, name in enumerate(prepared.schema["features"]) if name.startswith("code")]
    shop = [i + 1 for i, name in enumerate(prepared.schema["features"]) if name.startswith("shop")]

    def auc(columns: list[int], rows: np.ndarray) -> float:
        booster = xgb.train(
            {"objective": "binary:logistic", "max_depth": 3, "nthread": 1},
            xgb.DMatrix(train[:, columns], train[:, 0]),
            30,
        )
        return roc_auc_score(rows[:, 0], booster.predict(xgb.DMatrix(rows[:, columns])))

    assert auc(shop, held) > 0.78
    assert abs(auc(code, held) - 0.5) < 0.08
    # With its own label in its mean, a training row of such a code would be told apart almost without a fault.
    assert auc(code, train) < 0.75


@pytest.mark.parametrize(
    "more", [{"duplicates": "drop"}, {"bad_cells": {"x": "drop"}}, {"validation": "time", "time_column": "x"}]
)
def test_rows_that_are_left_out_do_not_move_the_folds_of_others(folder, keep, more):
    rows = table("binary")
    rows[5:5] = [rows[0]] * 3
    rows[40] = rows[40] | {"x": "a word"} if "bad_cells" in more else rows[40]
    rows[60] = rows[60] | {"y": ""}
    recipe = Recipe(target="y", types={"code": "category", "shop": "category", "x": "number"}, **more)
    prepared = prepare(locate(folder, keep(as_csv(rows))), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/m")
    held = channel(folder, prepared.channels["validation"], prepared.content_type)
    train = channel(folder, prepared.channels["train"], prepared.content_type)
    assert len(held) + len(train) == prepared.schema["rows"]
    column = next(c for c in prepared.schema["columns"] if c["name"] == "shop")
    at = prepared.schema["features"].index("shop~rows") + 1
    assert train[:, at].max() == max(means[-1] for means in [*column["means"], column["missing"]])
    by_count = {means[-1]: [m[0] for m in column["means"] if m[-1] == means[-1]] for means in column["means"]}
    for row in held:
        assert row[at - 1] in [*by_count.get(row[at], []), column["missing"][0], column["other"][0]]


def test_folds_are_the_same_however_rows_come_in_blocks():
    whole = assign_folds(0, 1000)
    assert (
        np.concatenate([assign_folds(0, 333), assign_folds(333, 1), assign_folds(334, 666)]).tolist() == whole.tolist()
    )
    assert np.bincount(whole, minlength=FOLDS).min() > 150 and ALL == FOLDS


def test_a_text_that_hardly_repeats_is_not_encoded_by_its_label(folder, keep):
    rows = [row | {"code": f"person {i}"} for i, row in enumerate(table("binary"))]
    recipe = Recipe(target="y", types={"code": "text"})
    prepared = prepare(locate(folder, keep(as_csv(rows))), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/m")
    assert next(c for c in prepared.schema["columns"] if c["name"] == "code")["encoding"] == "bits"


def test_a_text_that_repeats_is_not_called_free_text():
    """More than 1,000 texts, each in several rows: they are encoded by their labels, so none should be left out."""
    shops = "".join(f"Shop {i % 1200},{i % 97},{'yes' if i % 1200 % 3 else 'no'}\n" for i in range(6000))
    repeated = table_of(f"shop,x,y\n{shops}", target="y")
    assert repeated.columns["shop"].kind == "text"
    assert ("columns.text", "warn", "shop") not in repeated.findings()
    assert repeated.prepared.features[:2] == ["shop~mean", "shop~rows"]
    people = "".join(f"Person {i % 1900},{i % 97},{'yes' if i % 3 else 'no'}\n" for i in range(3000))
    assert ("columns.text", "warn", "who") in table_of(f"who,x,y\n{people}", target="y").findings()
