"""What is said beforehand of the time and memory of boosted trees."""

import pytest

import algorithms
from algorithms.contract import Facts

ROUNDS = {"lightgbm": "num_boost_round", "catboost": "iterations", "xgboost": "num_round"}
LOADING = 0.15  # seconds of loading the library, which these measurements have in them
# rows, columns, rounds, task: seconds of one thread and peak MB, as measured (algorithms/boosting_cost.py)
MEASURED = {
    ("lightgbm", 1_000, 10, 100, "binary"): (0.32, 139),
    ("lightgbm", 100_000, 10, 50, "binary"): (0.87, 173),
    ("lightgbm", 100_000, 40, 50, "binary"): (1.80, 277),
    ("lightgbm", 400_000, 20, 30, "binary"): (2.72, 351),
    ("lightgbm", 100_000, 20, 20, "multiclass"): (2.70, 221),
    ("catboost", 1_000, 10, 100, "binary"): (0.39, 152),
    ("catboost", 100_000, 10, 50, "binary"): (1.49, 199),
    ("catboost", 100_000, 40, 50, "binary"): (2.94, 282),
    ("catboost", 400_000, 20, 30, "binary"): (5.00, 386),
    ("catboost", 100_000, 20, 20, "multiclass"): (3.99, 289),
    ("xgboost", 1_000, 10, 100, "binary"): (0.30, 141),
    ("xgboost", 100_000, 10, 50, "binary"): (1.20, 173),
    ("xgboost", 100_000, 40, 50, "binary"): (2.18, 267),
    ("xgboost", 400_000, 20, 30, "binary"): (4.13, 309),
    ("xgboost", 100_000, 20, 20, "multiclass"): (2.66, 214),
}


@pytest.mark.parametrize("case", MEASURED, ids=lambda case: "-".join(map(str, case)))
def test_the_estimate_is_near_what_was_measured(case):
    name, rows, columns, rounds, task = case
    facts = Facts(task, 10 if task == "multiclass" else 2, round(rows * 0.8), columns, validation=True)
    algorithm, (seconds, megabytes) = algorithms.get(name), MEASURED[case]
    values = {ROUNDS[name]: rounds, "early_stopping_rounds": 0}
    assert 0.5 < (algorithm.seconds(values, facts) + LOADING) / seconds < 2
    assert 0.7 < algorithm.memory(values, facts) / (megabytes * 1e6) < 1.6


@pytest.mark.parametrize("name", ROUNDS)
def test_more_of_anything_takes_longer_and_nothing_known_is_nothing_said(name):
    algorithm = algorithms.get(name)
    facts = Facts("multiclass", 5, 10_000, 20)
    before = algorithm.seconds({}, facts)
    assert before > 0 and algorithm.memory({}, facts) > 100e6
    deeper = {"lightgbm": {"num_leaves": 500, "max_depth": 0}, "catboost": {"depth": 9}, "xgboost": {"max_depth": 0}}
    assert algorithm.seconds(deeper[name], facts) > before
    assert algorithm.seconds({ROUNDS[name]: 5000}, facts) > before
    assert algorithm.seconds({}, Facts("multiclass", 9, 10_000, 20)) > before
    assert algorithm.seconds({}, Facts("multiclass", 5, 20_000, 20)) > before
    assert algorithm.seconds({}, Facts()) == algorithm.memory({}, Facts()) == 0


@pytest.mark.parametrize("name", ROUNDS)
def test_every_preset_is_acceptable_for_every_task_and_takes_its_time(name):
    algorithm = algorithms.get(name)
    order = list(algorithm.presets)
    assert order == ["Fast", "Balanced", "Accurate"]
    for task in ("binary", "multiclass", "regression"):
        facts = Facts(task, 3 if task == "multiclass" else 2, 50_000, 20, True)
        spent = [
            algorithm.seconds(algorithm.parse(algorithm.settle(algorithm.presets[p], facts)), facts) for p in order
        ]
        assert spent == sorted(spent) and spent[0] > 0


@pytest.mark.parametrize("name", ROUNDS)
def test_early_stopping_saves_rounds_and_more_rows_or_values_of_the_label_take_more_of_them(name):
    algorithm = algorithms.get(name)
    values = algorithm.presets["Balanced"] | {ROUNDS[name]: "3000"}
    every = {task: algorithm.seconds(values | {"early_stopping_rounds": "0"}, Facts(task, 2, 2000, 20, True))
             for task in ("binary", "regression")}  # fmt: skip
    stopped = {task: algorithm.seconds(values, Facts(task, 2, 2000, 20, True)) for task in every}
    assert stopped["binary"] < stopped["regression"] < every["regression"] and stopped["binary"] < every["binary"] / 4
    few, many = (algorithm.seconds(values, Facts("binary", 2, rows, 20, True)) for rows in (20_000, 200_000))
    assert many > 12 * few
