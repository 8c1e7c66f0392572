"""The curve of a job beside the one before it, and what the job used of its instance."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from models_app import aws
from models_app.models import MetricPoint, Model, TrainingJob
from models_app.training.metrics import curve_of


@pytest.fixture
def running(finished) -> TrainingJob:
    """Alice's second job of the model churn: three of a hundred rounds; the first had ten."""
    first = finished.job
    job = TrainingJob.objects.create(
        name="churn-0002", model=finished, owner=first.owner, status="InProgress", algorithm="xgboost",
        hyperparameters={"num_round": "100"}, started=now() - timedelta(seconds=30), arn="arn:x",
        progress={"round": 3, "metric": "validation:auc", "goal": "max", "value": 0.7, "best": 0.7, "best_round": 3},
    )  # fmt: skip
    MetricPoint.objects.bulk_create(
        MetricPoint(job=job, name="validation:auc", round=n, value=0.5 + n / 10) for n in range(3)
    )
    return job


def test_the_curve_shows_the_rounds_so_far_or_all_that_are_planned(running, signed_in, alice):
    page = signed_in(alice).get("/jobs/churn-0002/").text
    assert "pl-band" not in page and '<a href="?rounds=all">All</a>' in page
    assert "pl-band" in signed_in(alice).get("/jobs/churn-0002/?rounds=all").text
    assert curve_of(running).x_end is None and curve_of(running, whole=True).x_end == 100


def test_the_job_before_is_dashed_and_as_long_as_this_one_is_yet(running):
    new, old = curve_of(running).series
    assert (old.name, old.dash, [x for x, _ in old.points]) == ("Before: churn-0001", True, [2, 3])
    running.status = "Completed"
    assert len(curve_of(running).series[1].points) == 10
    assert curve_of(TrainingJob.objects.get(name="churn-0001")).series[-1].dash is False


def test_a_copy_is_beside_the_model_that_it_is_a_copy_of(running, finished, alice):
    copy = Model.objects.create(name="copy", owner=alice, algorithm="xgboost", cloned_from=finished)
    TrainingJob.objects.filter(pk=running.pk).update(model=copy)
    assert curve_of(TrainingJob.objects.get(name="churn-0002")).series[-1].name == "Before: churn-0001"


def test_the_curves_data_is_a_table(running, signed_in, alice):
    page = signed_in(alice).get("/jobs/churn-0002/").text
    rows = re.findall(r'<tr><td class="num">(\d+)</td><td class="num">(.*?)</td><td class="num">(.*?)</td>', page)
    assert rows[:2] == [("1", "0.5000", "-"), ("2", "0.6000", "0.6000")]


class CloudWatch:
    """Two minutes of figures; those of seconds are there only while `has_seconds`."""

    def __init__(self, start, has_seconds: bool):
        self.start, self.has_seconds = start, has_seconds

    def get_metric_data(self, MetricDataQueries, **_) -> dict:  # noqa: N803  boto3's
        return {"MetricDataResults": [self.result(query) for query in MetricDataQueries]}

    def result(self, query) -> dict:
        stat = query["MetricStat"]
        assert stat["Metric"]["Dimensions"] == [{"Name": "Host", "Value": "churn-0002/algo-1"}]
        count = 6 if self.has_seconds else 1
        if stat["Period"] < 60 and not self.has_seconds:
            count = 0
        times = [self.start + timedelta(seconds=n * stat["Period"]) for n in range(count)]
        value = {"CPUUtilization": 150.0, "MemoryUtilization": 12.5}.get(stat["Metric"]["MetricName"], 2.0)
        return {"Id": query["Id"], "Timestamps": times, "Values": [value] * count}


@pytest.mark.parametrize("has_seconds", [True, False], ids=["engine", "aws"])
def test_what_a_job_uses_is_drawn_by_seconds_or_by_minutes(running, signed_in, alice, monkeypatch, has_seconds):
    monkeypatch.setattr(aws, "client", lambda service: CloudWatch(running.started, has_seconds))
    page = signed_in(alice).get("/jobs/churn-0002/usage/").text
    assert "150% on average and 150% at most; 100% is one core." in page and "12% of its memory" in page
    rows = 2 * 1000 / (1 if has_seconds else 60)
    assert f"{rows:,.0f} rows a second on average" in page
    part = signed_in(alice).get("/jobs/churn-0002/usage/", headers={"HX-Request": "true"}).text
    assert "<html" not in part and 'hx-trigger="every 10s"' in part


def test_cloudwatch_that_does_not_answer_is_said(running, signed_in, alice, monkeypatch):
    def refuse(service):
        raise aws.Unavailable("No answer.")

    monkeypatch.setattr(aws, "client", refuse)
    page = signed_in(alice).get("/jobs/churn-0002/usage/").text
    assert "CloudWatch does not tell what the job uses" in page and "No answer." in page
