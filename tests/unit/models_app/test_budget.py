"""The budget of a month: the forecast with its range, and warnings that come once."""

import random
from datetime import UTC, date, datetime, timedelta
from statistics import fmean

import pytest
from django.utils.timezone import now

from models_app.costs import budget_watch
from models_app.costs.by_day import KINDS, DayCost
from models_app.costs.charges import utc_day
from models_app.costs.month import forecast, month_cost
from models_app.models import Budget, Charge, Endpoint, Notification, Person
from models_app.models.notification import Kind

NOON = datetime(2026, 12, 11, 12, tzinfo=UTC)
TODAY = NOON.date()


def _days(jobs: list[float], endpoints: list[float], today: date = TODAY) -> list[DayCost]:
    """Days up to `today` with these costs of training and endpoints."""
    first = today - timedelta(days=len(jobs) - 1)
    return [
        DayCost(first + timedelta(days=n), dict.fromkeys(KINDS, 0.0) | {"training": job, "endpoints": endpoint})
        for n, (job, endpoint) in enumerate(zip(jobs, endpoints, strict=True))
    ]


def test_the_forecast_is_what_was_spent_and_the_running_rate():
    days = _days([3.0] * 28 + [1.0], [10.0] * 28 + [5.0])
    month = forecast(days, NOON, day_price=10.0)
    assert month.month == date(2026, 12, 1)
    assert month.spent == pytest.approx(10 * 13 + 6)
    assert month.forecast == pytest.approx(10 * 13 + 6 + 20.5 * 13)  # of 31 days, 10.5 are over
    assert month.low == month.high == pytest.approx(month.forecast)  # every day was like the others


def test_days_before_anybody_used_it_do_not_lower_the_mean():
    days = _days([0.0] * 20 + [4.0] * 8 + [0.0], [0.0] * 29)
    assert forecast(days, NOON, 0.0).forecast == pytest.approx(8 * 4 + 20.5 * 4)


@pytest.mark.parametrize("jobs", [[], [5.0] * 4], ids=["a new installation", "four days"])
def test_few_days_give_no_range(jobs):
    month = forecast(_days([*jobs, 0.0], [0.0] * (len(jobs) + 1)), NOON, 2.0)
    assert month.low is None and month.high is None and month.forecast > 0


def test_the_last_moment_of_a_month_is_certain():
    end = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    month = forecast(_days([3.0, 9.0] * 15 + [1.0], [2.0] * 31, end.date()), end, 2.0)
    assert month.forecast - month.spent < 0.01 and month.high - month.low < 0.1


def test_the_range_holds_four_of_five_months_it_claims():
    """Days of jobs at random, some of them dear; endpoints that are created and deleted."""
    draw, held = random.Random(7), []
    for _month in range(400):
        endpoints = [10.0]
        for _day in range(60):
            endpoints.append(max(0.0, endpoints[-1] + draw.choice((0, 0, 0, 0, 2.76, -2.76))))
        jobs = [draw.gammavariate(1.5, 4.0) for _day in endpoints]
        start = datetime(2026, 12, 11, tzinfo=UTC)  # the 11th begins: 10 days of the month are over, 21 to come
        known = _days([*jobs[:38], 0.0], [*endpoints[:38], 0.0], start.date())
        month = forecast(known, start, endpoints[38])
        truth = month.spent + sum(jobs[38:59]) + sum(endpoints[38:59])
        held.append(month.low <= truth <= month.high)
    assert 0.72 <= fmean(held) <= 0.9


@pytest.mark.django_db
class TestWarnings:
    """Of the whole installation, to its administrators."""

    @pytest.fixture
    def people(self, django_user_model):
        for name, role in (("ada", "administrator"), ("eve", "administrator"), ("alice", "editor")):
            Person.objects.create(user=django_user_model.objects.create_user(name), role=role)

    def _spend(self, usd: float) -> None:
        Charge.objects.update_or_create(source="job-1", day=utc_day(now()), defaults={"kind": "training", "usd": usd})

    def _warned(self) -> list[tuple[str, str]]:
        rows = Notification.objects.filter(kind=Kind.BUDGET).order_by("pk")
        return [(row.user.username, row.name) for row in rows]

    def test_each_share_is_told_once_to_each_administrator(self, people):
        Budget.objects.create(usd=100)
        for usd in (50, 79.99, 80, 90, 95):
            self._spend(usd)
            budget_watch.check()
        assert sorted(self._warned()) == [("ada", "80%"), ("eve", "80%")]
        self._spend(120)
        budget_watch.check()
        budget_watch.check()
        assert sorted(self._warned()) == [("ada", "100%"), ("ada", "80%"), ("eve", "100%"), ("eve", "80%")]
        Notification.objects.all().delete()  # as after SAGEWRIGHT_NOTIFICATION_DAYS
        budget_watch.check()
        assert self._warned() == []

    def test_who_is_far_over_at_once_hears_only_of_that(self, people):
        Budget.objects.create(usd=10)
        self._spend(50)
        budget_watch.check()
        assert {name for _user, name in self._warned()} == {"100%"}
        note = Notification.objects.filter(kind=Kind.BUDGET).first()
        assert "$50.00 of $10.00" in note.detail and not note.of_another

    def test_the_next_month_warns_again(self, people):
        Budget.objects.create(usd=10, warned_month="2020-01", warned_share=100)
        self._spend(9)
        budget_watch.check()
        assert {name for _user, name in self._warned()} == {"80%"}

    def test_without_a_budget_nobody_is_told(self, people):
        self._spend(1e6)
        budget_watch.check()
        assert self._warned() == []

    def test_running_endpoints_count_before_they_are_charged(self, people):
        at = now()
        Endpoint.objects.create(
            name="e", status=Endpoint.Status.IN_SERVICE, created=at - timedelta(days=40), instance_type="ml.m5.large"
        )
        cost = month_cost(at, 2.76)
        assert cost.spent > 0 and cost.forecast > cost.spent
