from datetime import timedelta

import pytest
from django.utils.timezone import now

from models_app.models import Endpoint, Model

PROGRESS = {
    "round": 25,
    "metric": "validation:auc",
    "goal": "max",
    "value": 0.98,
    "best": 0.99,
    "best_round": 20,
    "curve": [0.9, 0.98],
}


def look(model: Model) -> tuple[str, str, list[str]]:
    return model.status_word, model.tone, model.stages


def test_a_draft_has_no_job():
    assert look(Model(name="m")) == ("Draft", "wait", ["wait"] * 4)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Created", ("Queued", "wait", ["now", "wait", "wait", "wait"])),
        ("Launching", ("Queued", "wait", ["done", "now", "wait", "wait"])),
        ("InProgress", ("Training", "run", ["done", "now", "wait", "wait"])),
        ("Stopping", ("Stopping", "run", ["done", "now", "wait", "wait"])),
        ("Completed", ("Ready", "ok", ["done", "done", "wait", "wait"])),
        ("Failed", ("Failed", "err", ["done", "fail", "wait", "wait"])),
        ("Stopped", ("Stopped", "stop", ["done", "stop", "wait", "wait"])),
    ],
)
def test_a_model_looks_as_its_job_does(training, status, expected):
    training.status = status
    training.model.job = training
    assert look(training.model) == expected


@pytest.mark.parametrize(
    ("status", "word", "tone", "stage"),
    [
        ("Launching", "Deploying", "run", "now"),
        ("Creating", "Deploying", "run", "now"),
        ("InService", "Deployed", "ok", "done"),
        ("Updating", "Deployed", "ok", "done"),
        ("Failed", "Failed", "err", "fail"),
        ("OutOfService", "Ready", "ok", "stop"),
        ("Deleting", "Ready", "ok", "stop"),
    ],
)
def test_a_trained_model_looks_as_its_endpoint_does(training, status, word, tone, stage):
    training.status, training.progress = "Completed", PROGRESS
    training.model.job, training.model.endpoint = training, Endpoint(name="e", status=status)
    assert look(training.model) == (word, tone, ["done", "done", "done", stage])


def test_progress_is_told_in_rounds(training):
    training.progress, training.secondary_status = PROGRESS, "Training"
    training.started = now() - timedelta(seconds=50)
    assert (training.pct, training.status_note) == (25.0, "Round 25 of 100")
    assert training.eta_seconds == pytest.approx(150, abs=2)
    assert training.metric.best == 0.99 and training.curve_upto == 0.25


def test_without_a_total_there_is_no_percentage(training):
    training.hyperparameters = {}
    assert training.pct is None and training.eta_seconds is None


def test_a_stop_shows_at_once(training):
    training.stop_requested = True
    assert training.status_word == "Stopping"


def test_the_engine_is_free_and_amazon_is_not(training, settings):
    training.billable_seconds = 3600
    settings.BACKEND = "engine"
    assert training.cost == 0.0
    settings.BACKEND = "aws"
    assert training.cost == pytest.approx(0.115)


def test_a_list_of_models_costs_one_query(training, django_assert_num_queries):
    with django_assert_num_queries(1):
        for model in Model.objects.select_related("job", "endpoint", "owner"):
            assert model.status_word and model.stages and model.curve == [] and model.metric is None
            assert (model.pct, model.failure, model.status_note, model.owner.username) == (0.0, None, "", "alice")
