"""Importance and dependence of the person's own columns, by the very model and the very rows of the evaluation."""

import json

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import mean_absolute_error, roc_auc_score

import algorithms
from algorithms.predictor import Predictor
from evaluation import files
from evaluation.__main__ import _evaluate
from evaluation.effects import MAX_SAMPLED_ROWS, ORDERS, effects_table, read_effects, write_effects
from evaluation.explain import Explainer
from evaluation.explanation import explanation
from evaluation.interactions import interactions
from evaluation.intervals import SEED
from evaluation.predictions import read_csv
from evaluation.row_effects import row_effects
from evaluation.row_reasons import row_reasons
from models_app.web.fall import fall_of
from tables.reasons import ReasonColumns
from tables.store import Folder
from tests.unit.evaluation.trained import train


def table(rows: int, label) -> str:
    """A table in which y goes by size and by colour; noise and weekday say nothing."""
    rng = np.random.default_rng(1)
    lines = ["size,colour,noise,weekday,y"]
    for _row in range(rows):
        size, colour = rng.normal(), rng.choice(["red", "green", "blue"])
        value = 2 * size + {"red": 2.0, "green": 0.0, "blue": -2.0}[colour] + rng.normal() / 4
        day = rng.choice(["mon", "tue", "wed"])
        lines.append(f"{size:.4f},{colour},{rng.normal():.4f},{day},{label(value)}")
    return "\n".join(lines) + "\n"


def evaluated(root) -> dict:
    """The document of the model in `root`; without a process of its own, whose start takes longer than its work."""
    _evaluate(root)
    return json.loads((root / files.EVALUATION).read_text())


CASES = {
    "two classes": (lambda value: "high" if value > 0 else "low", "xgboost"),
    "a number": (lambda value: f"{value:.3f}", "linear-learner"),
    "native categories": (lambda value: f"{value:.3f}", "lightgbm"),
    "several classes": (lambda value: "abc"[int(value > -1.5) + int(value > 1.5)], "catboost"),
}


@pytest.fixture(scope="module", params=CASES)
def explained(request, tmp_path_factory):
    """(document, Explainer, table of predictions, schema, file of effects) of a model."""
    label, name = CASES[request.param]
    root = tmp_path_factory.mktemp("explain") / "run"
    schema = train(root, table(600, label), name, target="y")
    document = evaluated(root)
    model = root / "model"
    algorithm = algorithms.get(name)
    rows = read_csv((root / files.PREDICTIONS).read_bytes(), not schema["classes"])
    explainer = Explainer(algorithm.load_predictor().load(model), schema, rows, algorithm.accept_header or "text/csv")
    return document, explainer, rows, schema, (root / files.EFFECTS).read_bytes()


def test_rows_encoded_anew_have_the_predictions_of_the_evaluation(explained):
    _document, explainer, rows, schema, _effects = explained
    outputs = explainer.outputs(explainer.encoded)
    if schema["classes"]:
        shares = rows.select([f"probability.{name}" for name in schema["classes"]]).to_numpy()
        assert np.allclose(outputs, shares, atol=1e-5)
    else:
        assert np.allclose(outputs, rows["prediction"].to_numpy(), rtol=1e-4, atol=1e-4)


def test_the_columns_that_decide_lead_and_noise_does_not(explained):
    document, _explainer, rows, schema, _effects = explained
    result = document["explain"]
    assert {entry["column"] for entry in result["columns"][:2]} == {"size", "colour"}
    losses = {entry["column"]: entry["loss"] for entry in result["columns"]}
    assert set(losses) == {"size", "colour", "noise", "weekday"}  # the person's columns, not what they become
    assert max(abs(losses["noise"]), abs(losses["weekday"])) < min(losses["size"], losses["colour"]) / 4
    if len(schema["classes"]) == 2:
        assert result["base"] == pytest.approx(roc_auc_score(rows["label"] == schema["classes"][1], rows["score"]))
    elif not schema["classes"]:
        assert result["base"] == pytest.approx(mean_absolute_error(rows["label"], rows["prediction"]), rel=1e-4)


def test_dependence_rises_with_size_and_tells_the_colours_apart(explained):
    document, _explainer, _rows, schema, _effects = explained
    by_column = {entry["column"]: entry for entry in document["explain"]["dependence"]}
    size, colour = by_column["size"], by_column["colour"]
    last = 0 if len(schema["classes"]) != 3 else 2  # of several classes, "c" is the highest
    sign = -1 if schema["classes"] == ["high", "low"] else 1
    rise = [sign * values[last] for values in size["answers"]]
    assert size["is_number"] and rise[-1] > rise[0] and size["values"] == sorted(size["values"])
    means = {value: sign * answer[last] for value, answer in zip(colour["values"], colour["answers"], strict=True)}
    assert means["red"] > means["green"] > means["blue"]


def test_numbers_as_people_write_them_are_points_in_their_order(tmp_path):
    rng = np.random.default_rng(2)
    prices = [rng.uniform(900, 3000) for _row in range(400)]
    csv = "price,colour,y\n" + "".join(
        f'"${price:,.2f}",{rng.choice(["red", "blue"])},{price / 10 + rng.normal():.2f}\n' for price in prices
    )
    train(tmp_path / "run", csv, "linear-learner", target="y", numbers={"price": "currency"})
    document = evaluated(tmp_path / "run")
    price = next(entry for entry in document["explain"]["dependence"] if entry["column"] == "price")
    assert price["is_number"] and len(price["values"]) > 5 and 900 < price["values"][0] < price["values"][-1] < 3000
    answers = [answer for (answer,) in price["answers"]]
    assert answers == sorted(answers) and answers[-1] - answers[0] > 100


def by_column(root, csv: str, name: str, **recipe) -> dict[str, dict]:
    """The dependence of each column of a model that was trained on `csv`."""
    train(root, csv, name, target="y", **recipe)
    document = evaluated(root)
    return {entry["column"]: entry for entry in document["explain"]["dependence"]}


def test_two_numbers_are_numbers_and_dates_are_points_in_their_order(tmp_path):
    rng = np.random.default_rng(3)
    lines = ["dose,visit,y"]
    for _row in range(400):
        dose, day = rng.choice(["0.1000000014901161", "0.30000001192092896"]), rng.integers(0, 900)
        date = np.datetime64("2023-01-01") + day
        lines.append(f"{dose},{date.item():%d.%m.%Y},{float(dose) * 10 + day / 100 + rng.normal() / 10:.3f}")
    drawn = by_column(tmp_path / "run", "\n".join(lines) + "\n", "xgboost")
    dose, visit = drawn["dose"], drawn["visit"]
    assert dose["values"] == [0.1000000014901161, 0.30000001192092896] and not dose["is_number"]
    assert dose["answers"][0] < dose["answers"][1]
    assert visit["is_number"] and len(visit["values"]) == len(visit["texts"]) == 12
    assert visit["values"] == sorted(visit["values"]) and visit["texts"] == sorted(visit["texts"])
    assert "2023-01-01" <= visit["texts"][0] < "2023-04" and "2025-03" < visit["texts"][-1] < "2025-07"
    assert visit["answers"][-1][0] - visit["answers"][0][0] > 5


@pytest.mark.parametrize("explained", ["two classes"], indirect=True)
def test_test_rows_of_one_class_are_explained_by_accuracy(explained):
    _document, explainer, rows, schema, _effects = explained
    alone = rows.filter(rows["label"] == schema["classes"][0])
    document, _table = explanation(explainer._predictor, schema, alone, "text/csv", None)
    assert document["metric"] == "accuracy" and 0 < document["base"] <= 1
    assert all(np.isfinite(entry["loss"]) for entry in document["columns"])


def test_what_cannot_be_explained_says_why_and_leaves_the_evaluation(explained):
    _document, explainer, rows, schema, _effects = explained
    bare = rows.select("row", "label", "prediction")
    assert explanation(explainer._predictor, schema, bare, "text/csv", None) == (None, None)
    wide = schema | {"features": ["x"] * 2_000_000}
    assert "too many" in explanation(explainer._predictor, wide, rows, "text/csv", None)[0]["problem"]


def test_the_effects_of_rows_add_up_to_their_predictions_in_the_persons_columns(explained, tmp_path):
    document, explainer, rows, schema, body = explained
    effects, rows = read_effects(body), rows.sort("row")
    assert len(effects) == len(rows)
    names = ["size", "colour", "noise", "weekday"]
    values = effects.select([pl.col(f"effect.{name}").cast(float) for name in names]).to_numpy()
    total = effects["base"].cast(float).to_numpy() + values.sum(axis=1)
    contributions = explainer._predictor.contributions(explainer.encode(rows))
    assert np.abs(total - contributions.base - contributions.effects.sum(axis=1)).max() < 1e-9
    ends = effects["end"].cast(float).to_numpy()
    if not schema["classes"]:
        assert ends == pytest.approx(rows["prediction"].to_numpy(), rel=1e-4, abs=1e-4)
    elif len(schema["classes"]) == 2:
        assert ends == pytest.approx(rows["score"].to_numpy(), abs=1e-5)
        assert set(effects["class"]) == {schema["classes"][1]}
    else:
        assert effects["class"].to_list() == rows["prediction"].to_list()
    whole = document["explain"]["effects"]
    assert whole["columns"]["size"] == pytest.approx(np.abs(values[:, 0]).mean())
    assert min(whole["columns"]["size"], whole["columns"]["colour"]) > 3 * whole["columns"]["noise"]
    size = next(entry for entry in whole["dots"] if entry["column"] == "size")
    assert {entry["column"] for entry in whole["dots"]} == {"size", "noise"}  # a category has no low and no high
    assert {third for _effect, third in size["points"]} == {0, 1, 2} and len(size["points"]) <= 150


def test_names_with_quotes_and_lines_are_read_as_they_were_written():
    name = 'effect.a "b",\n=c'
    assert read_effects(write_effects(pl.DataFrame({"row": [1], name: [0.5]}))).to_dict(as_series=False) == {
        "row": ["1"],
        name: ["0.5"],
    }


@pytest.mark.parametrize("explained", ["a number"], indirect=True)
def test_a_wide_table_has_fewer_rows_with_effects_and_the_worst_are_among_them(explained, monkeypatch):
    _document, explainer, rows, schema, _effects = explained
    monkeypatch.setattr("evaluation.effects.MAX_EFFECTS", 4 * 70)
    worst = rows["row"].to_list()[-2:]
    effects = effects_table(explainer._predictor, explainer, schema, rows, worst)
    assert 30 < len(effects) <= 70 and set(worst) <= set(effects["row"])


@pytest.mark.parametrize("explained", ["two classes"], indirect=True)
def test_of_a_column_that_is_nearly_always_zero_and_of_long_texts_something_is_drawn(explained):
    _document, explainer, rows, _schema, _effects = explained
    sizes = ["0"] * (len(rows) - 3) + ["1", "2", "5"]
    columns = {column["name"]: column for column in explainer._encoder.columns}
    explainer._table = rows.with_columns(pl.Series("data.size", sizes), pl.lit("x" * 5_000).alias("data.colour"))
    try:
        size, colour = (explainer._points(columns[name]) for name in ("size", "colour"))
    finally:
        explainer._table = rows
    assert (size.values[0], size.values[-1], len(size.values) > 2) == (0.0, 5.0, True)
    assert colour.values == ["x" * 80 + "…"] and colour.cells == ["x" * 5_000]


def test_a_row_is_found_by_its_number_with_its_neighbours(explained, tmp_path):
    _document, _explainer, rows, _schema, body = explained
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "effects.csv").write_bytes(body)
    numbers = sorted(rows["row"])
    effects = row_effects(Folder(tmp_path), "s3://box/effects.csv", numbers[5], 3)
    line = rows.filter(rows["row"] == numbers[5]).row(0, named=True)
    assert (effects["previous"], effects["row"], effects["next"]) == (numbers[4], numbers[5], numbers[6])
    assert effects["prediction"] == str(line["prediction"]) and effects["columns"] == 4
    reasons = effects["reasons"]
    assert {reason["column"]: reason["value"] for reason in reasons["reasons"]}.items() <= {
        name: line[f"data.{name}"] for name in ("size", "colour", "noise", "weekday")
    }.items()
    assert fall_of(reasons, effects["columns"]).steps[3].name == "1 other column"
    assert row_effects(Folder(tmp_path), "s3://box/effects.csv", 0, 3)["row"] == numbers[0]
    assert row_effects(Folder(tmp_path), "s3://box/effects.csv", max(numbers) + 1, 3) == {}


@pytest.mark.parametrize("explained", ["a number"], indirect=True)
def test_a_row_that_a_person_typed_is_explained_as_the_row_of_the_table(explained, tmp_path):
    _document, explainer, rows, schema, _effects = explained
    line = rows.row(3, named=True)
    typed = {name: line[f"data.{name}"] for name in ("size", "colour", "noise", "weekday")}
    reasons = row_reasons(explainer._predictor, schema, typed | {"weekday": "never"})
    assert {reason["column"]: reason["value"] for reason in reasons["reasons"]} == typed | {"weekday": "never"}
    reasons = row_reasons(explainer._predictor, schema, typed)
    exact = explainer._predictor.contributions(explainer.encode(rows[3:4]))
    assert reasons["base"] + sum(reason["effect"] for reason in reasons["reasons"]) == pytest.approx(
        exact.base[0] + exact.effects.sum(), abs=1e-9
    )


@pytest.mark.parametrize("explained", ["a number"], indirect=True)
def test_without_contributions_effects_are_estimated_and_still_add_up(explained, monkeypatch):
    _document, explainer, rows, schema, _effects = explained
    predictor, rows = explainer._predictor, rows.sort("row")
    exact = type(predictor).contributions
    monkeypatch.setattr(type(predictor), "contributions", Predictor.contributions)
    table = effects_table(predictor, explainer, schema, rows, rows["row"].to_list()[:2])
    assert 40 < len(table) <= MAX_SAMPLED_ROWS and set(table["sampled"]) == {ORDERS}
    names = [column["name"] for column in schema["columns"] if column["role"] == "feature"]
    values = table.select([f"effect.{name}" for name in names]).to_numpy()
    assert table["end"][0] == pytest.approx(rows["prediction"][0], abs=1e-3)
    assert np.abs(table["base"].to_numpy() + values.sum(axis=1) - table["end"].to_numpy()).max() < 1e-6
    others = explainer.encoded[np.random.default_rng(SEED).integers(len(explainer.encoded), size=ORDERS)]
    columns = ReasonColumns(schema, predictor.n_features)
    rest = columns.sums(exact(predictor, others).effects).mean(axis=0)
    first = columns.sums(exact(predictor, explainer.encode(rows.head(1))).effects)[0]
    # Of a linear model, every order of the columns gives the same.
    assert values[0] == pytest.approx(first - rest, abs=1e-3)


class Product:
    """Stands for a model whose answer is a * b + c."""

    encoded = np.random.default_rng(0).normal(size=(60, 3))
    are_shares = False

    def block(self, name: str) -> slice:
        return slice("abc".index(name), "abc".index(name) + 1)

    def outputs(self, rows: np.ndarray) -> np.ndarray:
        return rows[:, 0] * rows[:, 1] + rows[:, 2]


def test_the_pair_whose_effects_depend_on_each_other_is_named_alone():
    [pair] = interactions(Product(), ["c", "a", "b"])
    assert pair["columns"] == ["a", "b"] and pair["share"] > 0.5


class Votes(Product):
    """Stands for a model whose answer is the share of ten neighbours, by the sum of two columns."""

    are_shares = True

    def outputs(self, rows: np.ndarray) -> np.ndarray:
        share = np.clip(np.round(5 + 4 * (rows[:, 0] + rows[:, 1])), 0, 10) / 10
        return np.column_stack([1 - share, share])


def test_shares_of_none_and_of_all_do_not_make_pairs_of_what_adds_up():
    assert all(pair["share"] < 0.1 for pair in interactions(Votes(), ["a", "b", "c"]))
