import pytest

import algorithms
from models_app.models import MetricPoint
from models_app.sync import metrics


def take(job, *lines: str) -> list[tuple[str, int, float]]:
    points = metrics.read(job, list(lines))
    MetricPoint.objects.bulk_create(points, ignore_conflicts=True)
    if points:
        metrics.summarize(job, points)
    return [(point.name, point.round, point.value) for point in points]


def test_round_lines_give_every_metric_at_its_round(training):
    values = take(
        training, "[12]#011train-auc:0.9#011validation-auc:0.8", "[13]\ttrain-error@0.4:0.1\tvalidation-ndcg@5-:1e-3"
    )
    assert values == [
        ("train:auc", 12, 0.9),
        ("validation:auc", 12, 0.8),
        ("train:error@0.4", 13, 0.1),
        ("validation:ndcg@5-", 13, 0.001),
    ]


def test_other_lines_and_no_numbers_give_none(training):
    assert take(training, "[2024-01-01] INFO hello:1", "[1]#011train-auc:nan", "", "[x]#011train-auc:1") == []


def test_the_leading_metric_is_the_last_held_out_one(training):
    take(training, "[0]#011train-mlogloss:1.0#011train-merror:0.5#011validation-mlogloss:1.1#011validation-merror:0.6")
    take(training, "[1]#011train-mlogloss:0.8#011train-merror:0.2#011validation-mlogloss:0.9#011validation-merror:0.3")
    assert training.metric == ("validation:merror", 0.3, "min", 0.3, 2)
    assert (training.round, training.curve) == (2, [0.6, 0.3])
    assert "New best Error 0.300 in round 2" in [event.text for event in training.events.all()]


def test_a_figure_told_every_epoch_leads_before_one_told_once_at_the_end(training):
    training.algorithm = "linear-learner"
    training.described = {
        "AlgorithmSpecification": {"MetricDefinitions": algorithms.get("linear-learner").metric_definitions()}
    }
    message = "[11/26/2026 12:00:00 INFO 1] #quality_metric: host=algo-1, "
    for epoch, cost in enumerate((0.9, 0.5, 0.4)):
        take(
            training,
            f"{message}epoch={epoch}, train mse_objective <loss>={cost}",
            f"{message}epoch={epoch}, validation mse_objective <loss>={cost + 1}",
            f"[11/26/2026 12:00:00 INFO 1] #progress_metric: host=algo-1, completed {epoch} % of epochs",
        )
    take(training, f"{message}validation mse_objective <loss>=1.4", f"{message}validation rmse <loss>=1.2")
    assert (training.progress["metric"], training.progress["best_round"]) == ("validation:objective_loss", 3)
    assert training.metric == ("validation:rmse", 1.2, "min", 1.2, 0)  # but a person judges it by its last figure
    assert training.curve == [1.9, 1.5, 1.4]


def test_a_long_curve_is_thinned_and_keeps_its_ends(training):
    take(training, *(f"[{i}]#011train-auc:{i / 1000}" for i in range(1000)))
    assert len(training.curve) == 60 and training.curve[0] == 0.0 and training.curve[-1] == 0.999


def test_patterns_of_others_count_for_themselves_and_cannot_hang_us(training):
    training.algorithm = ""
    training.described = {
        "AlgorithmSpecification": {
            "MetricDefinitions": [
                {"Name": "loss", "Regex": r"loss=(\S+)"},
                {"Name": "evil", "Regex": r"(a+)+$"},
                {"Name": "broken", "Regex": "("},
            ]
        }
    }
    assert take(training, "epoch loss=0.5", "epoch loss=0.25", "a" * 40 + "!") == [("loss", 0, 0.5), ("loss", 1, 0.25)]
    assert take(training, "loss=0.1") == [("loss", 2, 0.1)]


def test_lightgbms_rounds_count_from_one_and_have_names_of_their_own(training):
    training.algorithm = "lightgbm"
    values = take(
        training,
        "[1]#011val's auc: 0.7#011train's auc: 0.9",
        "[2]\tval's auc: 0.8\ttrain's auc: 0.95",
        "INFO:root:Early stopping, best iteration is: [2]#011val's auc: 0.8#011train's auc: 0.95",
        "[LightGBM] [Info] Start training from score 0.5",
    )
    assert values == [
        ("validation:auc", 0, 0.7),
        ("train:auc", 0, 0.9),
        ("validation:auc", 1, 0.8),
        ("train:auc", 1, 0.95),
    ]
    assert training.metric == ("validation:auc", 0.8, "max", 0.8, 2)


def test_catboosts_rounds_are_named_by_the_jobs_metric(training):
    training.algorithm, training.hyperparameters = "catboost", {"eval_metric": "MultiClass"}
    values = take(
        training,
        "0:#011learn: 1.09#011test: 1.1#011best: 1.1 (0)#011total: 47ms#011remaining: 23s",
        "1:\tlearn: 1.01\ttest: 1.05\tbest: 1.05 (1)\ttotal: 50ms\tremaining: 22s",
        "bestTest = 1.05",
        "INFO:root:MultiClass: 1.05000",
    )
    assert values == [
        ("train:MultiClass", 0, 1.09),
        ("validation:MultiClass", 0, 1.1),
        ("train:MultiClass", 1, 1.01),
        ("validation:MultiClass", 1, 1.05),
    ]
    assert training.metric == ("validation:MultiClass", 1.05, "min", 1.05, 2)


@pytest.mark.parametrize(
    "line, name",
    [
        ("0:#011test: 0.9#011best: 0.9 (0)#011total: 47ms#011remaining: 23s", "validation:AUC"),
        ("0:#011learn: 0.9#011test: 0.9#011best: 0.9 (0)#011total: 47ms#011remaining: 23s", "validation:loss"),
    ],
)
def test_a_metric_left_to_catboost_is_told_by_what_its_lines_hold(training, line, name):
    training.algorithm, training.hyperparameters = "catboost", {}
    assert take(training, line)[-1] == (name, 0, 0.9)
