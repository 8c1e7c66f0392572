"""Which endpoints are looked at for being idle, and in what steps."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from models_app.endpoints import idle, metrics
from models_app.models import Endpoint, Model


@pytest.fixture
def quiet(training) -> Endpoint:
    """In service for three hours; to go after two idle ones."""
    Model.objects.update(idle_hours=2)
    return Endpoint.objects.create(
        name="churn", model=training.model, status="InService", status_since=now() - timedelta(hours=3)
    )


def test_an_endpoint_that_has_been_there_long_enough_is_due(quiet):
    assert idle.due() == [quiet.pk]


@pytest.mark.parametrize(
    "other", [{"status": "Updating"}, {"external": True}, {"status_since": now() + timedelta(days=365)}]
)
def test_one_that_is_busy_new_or_of_others_is_not(quiet, other):
    Endpoint.objects.update(**other)
    assert idle.due() == []


def test_one_that_may_stay_is_not(quiet):
    Model.objects.update(idle_hours=0)
    assert idle.due() == []


@pytest.mark.parametrize(("hours", "period"), [(1, 60), (24, 120), (24 * 14, 900), (24 * 30, 2100), (24 * 90, 7200)])
def test_cloudwatch_is_asked_in_the_steps_it_keeps(hours, period):
    step = metrics.period(timedelta(hours=hours) + idle.LATE)
    assert step == period
    assert timedelta(hours=hours) / timedelta(seconds=step) <= metrics.MAX_POINTS


def test_requests_of_every_variant_count(quiet, monkeypatch):
    class OnlyGreen:
        def get_metric_statistics(self, Dimensions, **_):  # noqa: N803  boto3's name
            is_green = {"Name": "VariantName", "Value": "green"} in Dimensions
            return {"Datapoints": [{"Sum": 3.0}] if is_green else []}

    monkeypatch.setattr(metrics.aws, "client", lambda service: OnlyGreen())
    quiet.described = {"ProductionVariants": [{"VariantName": "blue"}, {"VariantName": "green"}]}
    assert idle.stop_if_idle(quiet) is False
    assert metrics.total(quiet, "Invocations", timedelta(hours=2)) == 3
