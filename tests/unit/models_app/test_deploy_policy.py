"""A model is deployed by itself only when it is as good as was asked for."""

import pytest

import algorithms
from models_app.create.options import metric_choices
from models_app.endpoints import deploy_policy
from models_app.models import Endpoint, MetricPoint, Model
from models_app.sync import jobs as following


@pytest.fixture
def trained(training):
    """Alice's job, completed, with a validation AUC of 0.81 at its end and of 0.84 in its third round."""
    training.status, training.artifact = "Completed", "s3://b/m/model.tar.gz"
    training.final_metrics = {"validation:auc": 0.81, "train:auc": 0.99}
    training.save()
    for name, values in (("train:auc", (0.9, 0.95, 0.97, 0.99)), ("validation:auc", (0.7, 0.8, 0.84, 0.81))):
        MetricPoint.objects.bulk_create(
            MetricPoint(job=training, name=name, round=i, value=value) for i, value in enumerate(values)
        )
    return training


def refusal(job, metric: str, threshold: float | None) -> str:
    job.model.deploy_metric, job.model.deploy_threshold = metric, threshold
    return deploy_policy.held_back(job.model, job)


@pytest.mark.parametrize("name", ["auc", "validation:auc", "AUC"])
def test_a_model_below_the_gate_is_held_back(trained, name):
    assert refusal(trained, name, 0.9) == "Not deployed: validation AUC 0.8100 is below 0.9"
    assert refusal(trained, name, 0.81) == ""


def test_without_a_threshold_everything_passes(trained):
    assert refusal(trained, "auc", None) == "" and refusal(trained, "", 0.9) == ""


def test_for_an_error_less_is_better(trained):
    trained.final_metrics = {"validation:rmse": 12.5}
    assert refusal(trained, "validation:rmse", 12) == "Not deployed: validation RMSE 12.50 is above 12"
    assert refusal(trained, "rmse", 13) == ""


def test_early_stopping_leaves_the_best_round_so_that_is_what_counts(trained):
    trained.hyperparameters |= {"early_stopping_rounds": "10"}
    assert refusal(trained, "auc", 0.84) == ""
    assert refusal(trained, "auc", 0.85) == "Not deployed: validation AUC 0.8400 is below 0.85"


def test_the_training_rows_never_open_the_gate(trained):
    trained.final_metrics = {"train:logloss": 0.1}
    assert refusal(trained, "logloss", 0.5) == "Not deployed: the job reported no Log loss to compare with 0.5"


def test_a_difference_that_rounding_would_hide_is_shown(trained):
    trained.final_metrics = {"validation:auc": 0.899996}
    assert refusal(trained, "auc", 0.9) == "Not deployed: validation AUC 0.899996 is below 0.9"


def test_the_accuracy_of_two_classes_stands_for_that_of_many(trained):
    trained.final_metrics = {"validation:multiclass_accuracy": 0.7, "train:binary_classification_accuracy": 0.99}
    assert refusal(trained, "validation:binary_classification_accuracy", 0.7) == ""
    message = "Not deployed: validation Accuracy 0.700 is below 0.8"
    assert refusal(trained, "validation:binary_classification_accuracy", 0.8) == message


@pytest.mark.parametrize("algorithm", algorithms.ALGORITHMS)
def test_a_gate_is_offered_once_and_only_for_rows_that_are_held_out(algorithm):
    known = algorithms.get(algorithm)
    offered = metric_choices(known)
    titles = [title for _name, title in offered]
    assert len(titles) == len(set(titles))
    assert {name.rpartition(":")[0] for name, _title in offered} <= {"", known.data.validation}
    assert bool(offered) == bool(known.data.validation)


def completed(job, django_capture_on_commit_callbacks) -> Model:
    type(job).objects.filter(pk=job.pk).update(status="InProgress")
    job.refresh_from_db()
    described = {"TrainingJobStatus": "Completed"}
    assert following._move(job, described)
    return Model.objects.get()


def test_a_model_that_was_held_back_is_ready_and_says_why(trained, django_capture_on_commit_callbacks):
    Model.objects.update(deploy_metric="auc", deploy_threshold=0.9)
    trained.model.refresh_from_db()
    model = completed(trained, django_capture_on_commit_callbacks)
    why = "Not deployed: validation AUC 0.8100 is below 0.9"
    assert (model.status_word, model.status_note, model.held_back) == ("Ready", why, why)
    assert why in [event.text for event in trained.events.all()]
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    "name, wanted", [("accuracy", "max"), ("silhouette", "max"), ("val_loss", "min"), ("rmse", "min")]
)
def test_what_ones_own_code_logs_is_judged_by_its_name(name, wanted):
    """The form says "at least" and "at most" by the same rule (jobs.code.declaration)."""
    assert deploy_policy.goal("code", name) == wanted
