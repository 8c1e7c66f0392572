"""Class weights: what each algorithm is told or given so that each class counts the same, and who refuses."""

import numpy as np
import pytest

import algorithms
from tests.corpus.cases import Problem, table

RARE = "y,a,b\n" + "".join(f"{'yes' if i % 10 == 0 else 'no'},{i % 7},{i % 13}\n" for i in range(200))
THREE = "y,a,b\n" + "".join(f"{'abc'[(i % 10 > 6) + (i % 10 > 8)]},{i % 7},{i % 13}\n" for i in range(200))
SETTINGS = {
    "xgboost": ("scale_pos_weight", "9"),
    "lightgbm": ("scale_pos_weight", "9"),
    "catboost": ("scale_pos_weight", "9"),
    "linear-learner": ("positive_example_weight_mult", "balanced"),
}


def settled(body: str, algorithm: str, parameters: dict | None = None, **recipe) -> dict[str, str]:
    result = table(body, target="y", algorithm=algorithm, hyperparameters=parameters or {}, **recipe)
    return algorithms.get(algorithm).settle(result.job.hyperparameters, result.prepared.data.facts)


@pytest.mark.parametrize("algorithm", SETTINGS)
def test_two_classes_are_weighed_by_a_hyperparameter_that_a_person_may_set_instead(algorithm):
    name, value = SETTINGS[algorithm]
    assert settled(RARE, algorithm, class_weights="balanced")[name] == value
    assert name not in settled(RARE, algorithm)
    assert settled(RARE, algorithm, {name: "2"}, class_weights="balanced")[name] == "2"


def test_linear_learner_balances_several_classes_itself():
    assert settled(THREE, "linear-learner", class_weights="balanced")["balance_multiclass_weights"] == "true"


def test_xgboost_gets_the_weight_of_each_row_where_classes_are_several():
    weighed = table(THREE, target="y", class_weights="balanced", test_share=0.1)
    assert settled(THREE, "xgboost", class_weights="balanced")["csv_weights"] == "1"
    for channel in ("train", "validation"):
        rows = weighed.prepared.matrix(channel)
        assert rows.shape[1] == 4  # label, weight, a, b
        assert dict(np.unique(rows[:, :2], axis=0)) == {0: 0.47619, 1: 1.666667, 2: 3.333333}
    assert len(weighed.prepared.schema["features"]) == 2


def test_the_weights_of_classes_and_of_a_column_are_multiplied():
    body = "y,w,a\n" + "".join(f"{'abc'[i % 3]},{1 + i % 2},{i % 7}\n" for i in range(90))
    weighed = table(body, target="y", weight="w", class_weights="balanced").prepared.matrix()
    assert set(weighed[:, 1]) == {1.0, 2.0}


@pytest.mark.parametrize(
    ("algorithm", "body", "words"),
    [
        ("knn", RARE, "k-Nearest Neighbors weighs no classes"),
        ("factorization-machines", RARE, "Factorization Machines weighs no classes"),
        ("lightgbm", THREE, "LightGBM weighs two classes, not several"),
        ("catboost", THREE, "CatBoost weighs two classes, not several"),
        ("xgboost", "y,a\n" + "".join(f"{i * 1.5},{i % 7}\n" for i in range(99)), "Only classes are weighed"),
    ],
    ids=["k-NN", "FM", "LightGBM", "CatBoost", "numbers"],
)
def test_who_weighs_no_classes_refuses_by_name_with_a_way_out(algorithm, body, words):
    weighed = table(body, target="y", algorithm=algorithm, class_weights="balanced")
    with pytest.raises(Problem):
        assert weighed.prepared
    assert words in weighed.finding("rows.class_weights").text
    assert weighed.press("rows.class_weights").prepared.rows()


def test_rows_that_go_as_they_are_carry_no_weights_of_classes():
    hyperparameters = {"num_round": "5", "objective": "multi:softprob", "num_class": "3"}
    how = {"target": "#1", "class_weights": "balanced", "prepare": False, "has_header": False}
    raw = table("".join(f"{i % 3},{i % 7}\n" for i in range(90)), hyperparameters=hyperparameters, **how)
    with pytest.raises(Problem, match="written beside each row"):
        assert raw.prepared
