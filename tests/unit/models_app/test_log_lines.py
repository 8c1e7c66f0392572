"""Every algorithm's log becomes a curve, a figure or a percentage."""

import pytest

from models_app.catalog.page import kpis_of
from models_app.models import MetricPoint
from models_app.sync import log_lines, metrics
from models_app.training.log import level_of
from models_app.training.metrics import curve_of, figures_of

STAMP = "[11/26/2026 22:00:00 INFO 139] "


OBJECTIVE = "binary_classification_cross_entropy_objective"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("[12]#011train-auc:0.9", ("train:auc", 12, "0.9")),
        (f"#quality_metric: host=algo-1, epoch=3, train {OBJECTIVE} <loss>=0.5", ("train:objective_loss", 3, "0.5")),
        (
            "#quality_metric: host=algo-1, validation multiclass_accuracy <score>=0.94",
            ("validation:multiclass_accuracy", 0, "0.94"),
        ),
        ("#quality_metric: host=algo-1, test msd <loss>=12.5", ("test:msd", 0, "12.5")),
    ],
    ids=["xgboost", "epoch", "final", "test"],
)
def test_lines_are_read(line, answer):
    assert log_lines.read(STAMP + line if line.startswith("#") else line, "", {}) == [answer]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[2026-11-26] starting",
        "[LightGBM] [Info] Number of data points: 50",
        "bestTest = 0.34",
        STAMP + "#quality_metric: host=algo-1, epoch=3, batch=5, train rmse <loss>=0.5",
        STAMP + "#metrics {}",
    ],
)
def test_other_lines_tell_nothing(line):
    assert log_lines.read(line, "", {}) == [] and log_lines.progress(line, "") is None


def test_progress_is_read():
    assert log_lines.progress(STAMP + "#progress_metric: host=algo-1, completed 40 % of epochs", "") == 40.0
    assert log_lines.progress(STAMP + "#progress_metric: host=algo-1, completed 6.7% of epochs", "") == 6.7


def take(job, *texts: str) -> None:
    points = metrics.read(job, list(texts))
    MetricPoint.objects.bulk_create(points, ignore_conflicts=True)
    if points:
        metrics.summarize(job, points)


@pytest.fixture
def linear(training):
    """A Linear Learner of three epochs; the name is looked up in no catalogue here."""
    training.algorithm, training.hyperparameters = "somebodys-linear-learner", {"epochs": "3"}
    for epoch in range(3):
        take(
            training,
            f"#quality_metric: host=algo-1, epoch={epoch}, train mse_objective <loss>={3 - epoch}",
            f"#quality_metric: host=algo-1, epoch={epoch}, validation mse_objective <loss>={4 - epoch}",
        )
    return training


def test_epochs_make_a_curve(linear):
    assert linear.metric == ("validation:objective_loss", 2.0, "min", 2.0, 3)
    assert (linear.round, linear.rounds, linear.counts_epochs) == (3, 3, True)
    assert linear.unit_word == "Epoch 3"
    curve = curve_of(linear)
    assert [(s.name, len(s.points)) for s in curve.series] == [("Validation", 3), ("Training", 3)]
    assert [x for x, _y in curve.series[0].points] == [1, 2, 3]  # as the words beside it count
    assert curve.summary == "Epoch 3 of 3. Best Objective loss 2.0000 at epoch 3."


def test_what_is_told_at_the_end_sums_up_and_leaves_the_curve_alone(linear):
    take(
        linear,
        "#quality_metric: host=algo-1, validation rmse <loss>=1.5",
        "#quality_metric: host=algo-1, validation mse <loss>=2.25",
        "#progress_metric: host=algo-1, completed 100.0 % of epochs",
    )
    assert linear.metric == ("validation:rmse", 1.5, "min", 1.5, 0)
    assert (linear.round, len(linear.curve), linear.pct) == (3, 3, 100.0)
    assert curve_of(linear).keys == [("objective_loss", "Objective loss")]
    assert figures_of(linear) == [("Validation MSE", "2.250"), ("Validation RMSE", "1.500")]
    assert kpis_of(linear.model)[:2] == [
        ("Validation RMSE", "1.500", "When training was over"),
        ("Epoch", "3", "of 3"),
    ]


def test_without_a_figure_told_in_rounds_there_is_no_curve(training):
    training.algorithm, training.hyperparameters, training.status = "knn", {"k": "5"}, "Completed"
    take(training, "#quality_metric: host=algo-1, test accuracy <score>=0.97")
    assert training.metric == ("test:accuracy", 0.97, "max", 0.97, 0)
    assert curve_of(training) is None
    assert figures_of(training) == [("Validation Accuracy", "0.970")]  # the channel is called test


def test_one_epoch_is_no_curve_and_its_figures_are_told(training):
    training.algorithm, training.hyperparameters, training.status = "kmeans", {"epochs": "1", "k": "3"}, "Completed"
    take(
        training,
        "#quality_metric: host=algo-1, epoch=0, train msd <loss>=4.5",
        "#quality_metric: host=algo-1, test msd <loss>=5.25",
        "#quality_metric: host=algo-1, test ssd <loss>=525.0",
    )
    assert training.metric == ("test:msd", 5.25, "min", 5.25, 0)
    assert curve_of(training) is None
    assert [title for title, _value in figures_of(training)] == [
        "Validation Mean squared distance", "Validation Sum of squared distances", "Training Mean squared distance",
    ]  # fmt: skip


def test_without_any_metric_the_evaluation_is_over_when_the_log_is_read(training):
    training.algorithm, training.hyperparameters = "randomcutforest", {"num_trees": "50"}
    training.status, training.log_done = "Completed", True
    assert not training.has_rounds and training.stages[2] == "done"
    assert kpis_of(training.model)[0] == ("Metric", "-", "None was reported")
    assert kpis_of(training.model)[1][0] == "Features"
    take(training, "#progress_metric: host=algo-1, completed 40 % of epochs")
    assert training.progress == {"pct": 40.0} and curve_of(training) is None and figures_of(training) == []


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("[0]#011train-merror:0.36190#011validation-merror:0.65", ""),
        ("[12]\ttrain-error:0.2\tvalidation-error@0.7:0.3", ""),
        ("[5]\tvalid_0's multi_error: 0.25", ""),
        ("[5]\tvalid_0's binary_error: 0.25", ""),
        ("[3] error:0.25", ""),
        ("[2026-11-26:22:00:00:ERROR] Reporting training FAILURE", "err"),
        ("ValueError: could not convert string to float: 'x'", "err"),
        ("Traceback (most recent call last):", "err"),
        ("error: no such file", "err"),
        ("botocore.exceptions.ClientError", "err"),
        ("MyException", "err"),
        ("UserWarning: old", "warn"),
        ("WARNING: only 3 rows", "warn"),
        ("Training finished", ""),
    ],
    ids=range(14),
)
def test_errors_are_marked_and_metrics_of_that_name_are_not(line, level):
    assert level_of(line) == level
