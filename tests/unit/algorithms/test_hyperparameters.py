"""XGBoost's hyperparameters: the container's ranges, dependencies and texts."""

import pytest

import algorithms
from algorithms.spec import InvalidHyperparameters, UserError

XGBOOST = algorithms.get("xgboost")


def problems(**settings) -> list[str]:
    settings = {"num_round": "10", **settings}
    try:
        XGBOOST.parse(settings)
    except InvalidHyperparameters as e:
        return [problem.message for problem in e.problems]
    return []


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"eta": "1.5"}, "Hyperparameter eta: 1.5 is not in [0, 1]"),
        ({"eta": "nan"}, "Hyperparameter eta: nan is not in [0, 1]"),
        ({"learning_rate": "2"}, "Hyperparameter eta: 2.0 is not in [0, 1]"),
        ({"subsample": "0"}, "Hyperparameter subsample: 0.0 is not in (0, 1]"),
        ({"max_depth": "6.0"}, "Hyperparameter max_depth: could not parse value (caused by ValueError)"),
        ({"num_round": "0"}, "Hyperparameter num_round: 0 is not in [1, +inf)"),
        ({"num_class": "1"}, "Hyperparameter num_class: 1 is not in [2, +inf)"),
        ({"tweedie_variance_power": "1"}, "Hyperparameter tweedie_variance_power: 1.0 is not in (1, 2)"),
        ({"booster": "gbforest"}, "Hyperparameter booster: gbforest is not in ['gbtree', 'gblinear', 'dart']"),
        ({"n_estimators": "3"}, "Extraneous hyperparameter found: n_estimators"),
        ({"silent": "1"}, "Extraneous hyperparameter found: silent"),
        ({"device": "cpu"}, "Extraneous hyperparameter found: device"),
        ({"objective": "multi:softmax"}, "Require input for parameter 'num_class' for multi-classification"),
        (
            {"objective": "multi:softprob", "num_class": "3", "eval_metric": "auc"},
            "Metric 'auc' can only be applied for classification and ranking problems.",
        ),
        (
            {"objective": "reg:squarederror", "eval_metric": "rmse,aft-nloglik"},
            "Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.",
        ),
        (
            {"objective": "reg:gamma", "eval_metric": "rmse@2"},
            "Metric 'rmse@2' is not supported. Parameter 'eval_metric' with customized threshold should "
            "be one of these options: 'error', 'ndcg', 'map'.",
        ),
        (
            {"objective": "binary:logistic", "eval_metric": "error@half"},
            "Threshold value 't' in 'error@t' expects float input.",
        ),
        (
            {"eval_metric": "rmse"},
            "Hyperparameter eval_metric: needs objective to be set too (KeyError: 'objective')",
        ),
        (
            {"monotone_constraints": "(1, 0)"},
            "monotone_constraints can be used only when the tree_method parameter is set to either 'exact' or 'hist'.",
        ),
        (
            {"tree_method": "hist", "monotone_constraints": "(1, 2)"},
            "Hyperparameter monotone_constraints: value (1, 2) not in range [-1, 0, 1]",
        ),
        (
            {"tree_method": "hist", "monotone_constraints": "__import__('os')"},
            "Hyperparameter monotone_constraints: could not parse value (caused by ValueError)",
        ),
        (
            {"interaction_constraints": "[[1, 2]]", "tree_method": "auto"},
            "interaction_constraints can be used only when the tree_method parameter is set to "
            "either 'exact', 'hist' or 'approx'.",
        ),
        (
            {"interaction_constraints": "[[0, 2]]", "tree_method": "hist"},
            "Hyperparameter interaction_constraints: value [[0, 2]] not in range [1, +inf)",
        ),
        (
            {"updater": "grow_colmaker,grow_histmaker"},
            "Only one tree grow plugin can be selected. Choose one from thefollowing: 'grow_colmaker', 'distcol', "
            "'grow_histmaker', 'grow_local_histmaker', 'grow_skmaker'",
        ),
        (
            {"updater": "refresh,grow_colmaker", "process_type": "update"},
            "process_type 'update' can only be used with updater 'refresh' and 'prune'",
        ),
        (
            {"updater": "prune", "booster": "gblinear"},
            "Linear updater should be one of these options: 'shotgun', 'coord_descent'.",
        ),
        ({"_tuning_objective_metric": "train:auc"}, "Hyperparameter _tuning_objective_metric: train:auc is not in ["),
        ({"objective": "binary:logistc"}, "Hyperparameter objective: binary:logistc is not in ["),
        ({"eta": "0.1", "learning_rate": "0.2"}, "Hyperparameter eta is given twice, also as learning_rate."),
    ],
)
def test_a_bad_setting_is_refused_in_the_containers_words(settings, text):
    messages = problems(**settings)
    assert len(messages) == 1, messages
    assert messages[0].startswith(text)


def test_a_missing_requirement_is_named():
    with pytest.raises(UserError, match="^Missing required hyperparameter: num_round$"):
        XGBOOST.parse({"eta": "0.1"})


def test_all_problems_are_reported_at_once_the_containers_first_one_first():
    with pytest.raises(InvalidHyperparameters) as caught:
        XGBOOST.parse({"eta": "1.5", "n_estimators": "9", "objective": "multi:softprob", "max_depth": "deep"})
    assert [p.name for p in caught.value.problems] == ["num_round", "eta", "n_estimators", "max_depth", "num_class"]
    assert str(caught.value).startswith("Missing required hyperparameter: num_round; Hyperparameter eta: 1.5")


def test_good_settings_become_values_under_their_own_names_and_nothing_is_added():
    values = XGBOOST.parse(
        {
            "num_round": "10", "learning_rate": "0.2", "reg_lambda": "2", "max_depth": "4", "objective": "rank:ndcg",
            "eval_metric": "ndcg@5,auc", "tree_method": "hist", "monotone_constraints": "(1,0,-1)",
            "interaction_constraints": "[[1,2],[3]]", "_tuning_objective_metric": "validation:ndcg",
            "sagemaker_program": '"train.py"', "sagemaker_region": '"eu-west-1"',
        }
    )  # fmt: skip
    assert values == {
        "num_round": 10, "eta": 0.2, "lambda": 2.0, "max_depth": 4, "objective": "rank:ndcg",
        "eval_metric": ["ndcg@5", "auc"], "tree_method": "hist", "monotone_constraints": (1, 0, -1),
        "interaction_constraints": [[1, 2], [3]], "_tuning_objective_metric": "validation:ndcg",
    }  # fmt: skip


def test_an_alias_finds_its_hyperparameter():
    assert XGBOOST.hyperparameter("learning_rate") is XGBOOST.hyperparameter("eta")
    with pytest.raises(KeyError):
        XGBOOST.hyperparameter("n_estimators")


@pytest.mark.parametrize("name", [h.name for h in XGBOOST.hyperparameters if hasattr(h, "interval")])
def test_every_number_is_refused_just_outside_its_range(name):
    h = XGBOOST.hyperparameter(name)
    step = 1 if h.kind == "integer" else 0.001
    if h.low is not None:
        assert f"is not in {h.interval}" in problems(**{name: str(h.low if h.low_open else h.low - step)})[0]
    if h.high is not None:
        assert f"is not in {h.interval}" in problems(**{name: str(h.high if h.high_open else h.high + step)})[0]
