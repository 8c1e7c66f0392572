"""What jobs and endpoints cost by day, also after their rows are gone."""

from datetime import UTC, date, datetime, timedelta

import pytest

from jobs import instances
from models_app.costs import by_day, charges
from models_app.endpoints import actions
from models_app.models import Charge, Endpoint, TrainingJob, TransformJob

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY_PRICE = instances.cost("ml.m5.large", 86400)
pytestmark = pytest.mark.django_db


def day(number: int) -> date:
    return date(2026, 5, number)


def cost_of(days: int, at: datetime = NOON) -> dict[date, dict[str, float]]:
    return {
        one.day: {kind: round(usd, 6) for kind, usd in one.by_kind.items() if usd} for one in by_day.costs(days, at)
    }


def test_a_job_is_charged_once_on_the_day_it_ended_and_stays_charged_when_it_is_deleted():
    job = TrainingJob.objects.create(
        name="a", started=NOON - timedelta(hours=30), ended=NOON - timedelta(days=1), billable_seconds=1800,
        instance_type="ml.m5.large", described={"ResourceConfig": {"InstanceCount": 2}},
    )  # fmt: skip
    for _ in range(2):
        charges.charge_job(job)
    job.delete()
    assert cost_of(2) == {day(3): {"training": round(DAY_PRICE / 24, 6)}, day(4): {}}


def test_a_job_that_runs_and_one_of_unknown_price_are_not_charged():
    charges.charge_job(TrainingJob.objects.create(name="a", started=NOON, instance_type="ml.m5.large"))
    charges.charge_job(TrainingJob.objects.create(name="b", started=NOON, ended=NOON, instance_type="ml.none"))
    assert not Charge.objects.exists()


def test_a_job_and_a_transform_job_of_one_key_are_two_charges():
    times = {"started": NOON - timedelta(hours=1), "ended": NOON, "instance_type": "ml.m5.large"}
    charges.charge_job(TrainingJob.objects.create(pk=7, name="a", **times))
    charges.charge_job(TransformJob.objects.create(pk=7, name="a", **times))
    hour = round(DAY_PRICE / 24, 6)
    assert cost_of(1) == {day(4): {"training": hour, "batch": hour}}


@pytest.mark.parametrize("hours", [1, 13, 36, 80], ids=lambda hours: f"{hours} h")
def test_an_endpoint_costs_the_same_while_it_runs_and_when_it_is_gone(hours, monkeypatch):
    endpoint = Endpoint.objects.create(
        name="e", status="InService", instances=2, created=NOON - timedelta(hours=hours), instance_type="ml.m5.large"
    )
    endpoint.events.create(was="Creating", became="InService")
    running = cost_of(5)
    assert sum(kinds.get("endpoints", 0) for kinds in running.values()) == pytest.approx(2 * DAY_PRICE * hours / 24)
    monkeypatch.setattr(charges, "now", lambda: NOON)
    actions.forget(endpoint)
    assert not Endpoint.objects.exists() and cost_of(5) == running


def test_an_endpoint_that_never_answered_costs_nothing(monkeypatch):
    monkeypatch.setattr(charges, "now", lambda: NOON)
    actions.forget(Endpoint.objects.create(name="e", status="Failed", created=NOON - timedelta(days=3)))
    assert cost_of(5) == {day(n): {} for n in (30, 1, 2, 3, 4) if n < 5} | {date(2026, 4, 30): {}}


def test_a_deleted_endpoint_is_charged_until_its_deletion_was_asked_for():
    created = NOON - timedelta(hours=36)
    endpoint = Endpoint.objects.create(
        name="e", status="Deleting", status_since=created + timedelta(hours=12), created=created, external=True
    )
    charges.charge_endpoint(endpoint)
    assert cost_of(3) == {day(2): {}, day(3): {"endpoints": round(DAY_PRICE / 2, 6)}, day(4): {}}


def test_a_long_life_is_charged_for_its_last_days_alone():
    spans = list(charges.days_between(NOON - timedelta(days=3000), NOON))
    assert len(spans) == charges.MAX_DAYS + 1 and spans[-1] == (day(4), 0.5)
    assert sum(share for _day, share in spans) == pytest.approx(charges.MAX_DAYS)


@pytest.mark.parametrize("ahead", [timedelta(seconds=5), timedelta(hours=13), timedelta(days=40)])
def test_an_endpoint_of_a_later_moment_costs_nothing_yet(ahead):
    """AWS's clock says when it was created, and this machine's may be behind or have been set back."""
    Endpoint.objects.create(name="e", instance_type="ml.m5.large", status="InService", created=NOON + ahead)
    midnight = NOON.replace(hour=23, minute=59, second=58)
    assert cost_of(2) == {day(3): {}, day(4): {}}
    assert sum(sum(kinds.values()) for kinds in cost_of(2, midnight).values()) == pytest.approx(
        DAY_PRICE * max(0.0, (midnight - NOON - ahead) / timedelta(days=1)), abs=1e-6
    )
