"""Tuning jobs: the list, one with its tries and charts, stopping, following."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from models_app.models import TrainingJob, TuningJob
from models_app.sync import tunings
from models_app.tuning import actions, charts
from models_app.work import stopping

Status = TuningJob.Status


def trial(number: int, value: float | None, status: str = "Completed", **tuned: str) -> dict:
    why = "ClientError: <bad> label" if status == "Failed" else ""
    return {
        "name": f"tune-{number:03d}", "status": status, "value": value, "tuned": tuned, "seconds": 2.0, "why": why,
    }  # fmt: skip


TRIALS = [
    trial(1, 0.8, max_depth="3", eta="0.1"),
    trial(2, None, "Failed", max_depth="4", eta="0.2"),
    trial(3, 0.9, max_depth="6", eta="0.3"),
    trial(4, 0.85, max_depth="9", eta="0.1"),
    trial(5, None, "InProgress", max_depth="5", eta="0.2"),
]


@pytest.fixture
def tuning(alice) -> TuningJob:
    """Alice's tuning job, in progress."""
    return TuningJob.objects.create(
        name="tune", owner=alice, algorithm="xgboost", strategy="Bayesian", objective="validation:auc", goal="max",
        best=0.9, best_job="tune-003", tries=4, limit=10, trials=TRIALS, started=now(), followed=now(),
    )  # fmt: skip


def test_the_list_sorts_by_the_best_value_and_filters(signed_in, vera, tuning):
    TuningJob.objects.create(name="other", best=0.95, strategy="Random", status=Status.COMPLETED)
    browser = signed_in(vera)
    page = browser.get("/tuning/?sort=-best").text
    assert page.index(">other<") < page.index(">tune<")
    assert "4 of 10" in page and "AUC, highest" in page
    assert ">tune<" not in browser.get("/tuning/?f=best>0.92").text
    assert ">other<" not in browser.get("/tuning/?q=bayesian").text
    text = b"".join(browser.get("/tuning/-/list.csv").streaming_content).decode()
    assert 'tune,Tuning,xgboost,"AUC, highest",0.9' in text
    assert browser.get("/tuning/-/columns/").status_code == 200


def test_the_page_shows_the_best_the_tries_and_what_failed(signed_in, alice, tuning):
    TrainingJob.objects.create(
        name="tune-003", external=True, status="Completed", artifact="s3://b/m.tar.gz", algorithm="xgboost"
    )
    page = signed_in(alice).get("/tuning/tune/").text
    assert "Try 3 of 5 is the best so far: AUC 0.9000." in page
    assert "name=tune-003&amp;name=tune-004&amp;name=tune-001" in page  # compare the best, best first
    assert "/jobs/tune-003/save/" in page and "Deploy best" in page
    assert "&lt;bad&gt; label" in page
    failed = signed_in(alice).get("/tuning/tune/?view=failed").text
    assert "tune-002" in failed and "tune-004" not in failed.partition('id="h-tries"')[2]
    assert [title.title for title in charts.by_setting(tuning)] == ["max_depth", "eta"]


@pytest.mark.parametrize(("goal", "best"), [("max", [0.8, 0.9, 0.9]), ("min", [0.8, 0.8, 0.8])])
def test_the_best_so_far_goes_by_the_goal(tuning, goal, best):
    tuning.goal = goal
    assert [value for _n, value in tuning.best_so_far] == best
    assert tuning.best_names[0] == ("tune-003" if goal == "max" else "tune-001")


def test_a_tuning_job_without_a_value_has_no_chart(signed_in, vera, tuning):
    tuning.trials, tuning.best, tuning.best_job = [], None, ""
    tuning.save()
    page = signed_in(vera).get("/tuning/tune/").text
    assert "No try has a value of the metric yet" in page
    assert "Stop tuning" not in page  # a viewer


def test_one_of_another_person_is_not_stopped_and_many_are(signed_in, alice, bob, ada, tuning, monkeypatch):
    asked = []
    monkeypatch.setattr(stopping, "enqueue", lambda *task: asked.append(task))
    assert signed_in(bob).post("/tuning/tune/stop/").status_code == 403
    signed_in(ada).post("/tuning/-/stop/", {"name": ["tune"]})
    assert asked == [("tuning.stop_tuning_job", tuning.pk)]
    assert TuningJob.objects.get().stop_requested


class SageMaker:
    """What SageMaker says of one tuning job with one try."""

    def __init__(self, status: str):
        self.status, self.stopped = status, []

    def describe_hyper_parameter_tuning_job(self, **_):
        objective = {"Type": "Minimize", "MetricName": "validation:rmse"}
        best = {"TrainingJobName": "t-1", "FinalHyperParameterTuningJobObjectiveMetric": {"Value": 1.5}}
        return {
            "HyperParameterTuningJobArn": "arn",
            "HyperParameterTuningJobStatus": self.status,
            "HyperParameterTuningJobConfig": {
                "Strategy": "Random", "HyperParameterTuningJobObjective": objective,
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 3},
            },
            "TrainingJobStatusCounters": {"Completed": 1, "InProgress": 1},
            "BestTrainingJob": best,
        }  # fmt: skip

    def get_paginator(self, _operation):
        return self

    def paginate(self, **_):
        at = now()
        summary = {
            "TrainingJobName": "t-1", "TrainingJobStatus": "Completed", "TunedHyperParameters": {"eta": "0.1"},
            "TrainingStartTime": at, "TrainingEndTime": at + timedelta(seconds=3),
            "FinalHyperParameterTuningJobObjectiveMetric": {"Value": 1.5},
        }  # fmt: skip
        return [{"TrainingJobSummaries": [summary]}]

    def stop_hyper_parameter_tuning_job(self, HyperParameterTuningJobName):  # noqa: N803
        self.stopped.append(HyperParameterTuningJobName)


def test_a_tuning_job_is_found_followed_and_stopped(db, monkeypatch):
    summary = {
        "HyperParameterTuningJobName": "found", "HyperParameterTuningJobArn": "a", "Strategy": "Random",
        "HyperParameterTuningJobStatus": "InProgress", "CreationTime": now(),
    }  # fmt: skip
    monkeypatch.setattr(tunings, "listed", lambda *_: ([summary], True))
    monkeypatch.setattr(tunings, "learn_tags", lambda *_: None)
    asked = []
    monkeypatch.setattr(tunings, "enqueue", lambda task, pk, **_: asked.append((task, pk)))
    tunings.sweep(1)
    row = TuningJob.objects.get(name="found")
    assert asked == [("sync.follow_tuning", row.pk)]
    sagemaker = SageMaker("InProgress")
    monkeypatch.setattr("models_app.aws.client", lambda _: sagemaker)
    tunings.follow_tuning(row)
    row.refresh_from_db()
    assert (row.goal, row.best, row.best_job, row.tries, row.limit) == ("min", 1.5, "t-1", 1, 3)
    assert row.trials[0]["seconds"] == 3.0
    row.stop_requested = True
    actions.STOPPING.take_step(row)
    assert (sagemaker.stopped, row.status) == (["found"], "Stopping")
    sagemaker.status = "Stopped"
    tunings.follow_tuning(row)
    assert row.status == "Stopped"
    assert "Tuning stopped" in [event.text for event in row.events.all()]


@pytest.mark.parametrize(("words", "drawn"), [(("nan", "inf", "1", "2"), True), (("-1e308", "1e308"), False)])
def test_a_setting_is_drawn_by_what_of_it_has_a_place_on_an_axis(tuning, words, drawn):
    tuning.trials = [trial(number, 0.5, a=word) for number, word in enumerate(words, 1)]
    shown = charts.by_setting(tuning)
    assert bool(shown) == drawn
    assert not any(word in str(chart.svg) for chart in shown for word in ("nan", "inf"))
