"""The requests of all endpoints by hour, also after an endpoint is gone."""

from datetime import UTC, datetime, timedelta

import pytest

from models_app.endpoints import actions, traffic_totals
from models_app.models import Endpoint, TrafficHour

AT = datetime(2026, 5, 4, 12, 20, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(traffic_totals, "now", lambda: AT)


def endpoint(name: str, requests: dict[int, int], errors: dict[int, int] | None = None, at: datetime = AT) -> Endpoint:
    """Its row as refreshed `at`; hours are counted back from the one that `at` is in."""
    hours, error_hours = ([of.get(n, 0) for n in range(23, -1, -1)] for of in (requests, errors or {}))
    return Endpoint.objects.create(
        name=name, status="InService", hours=hours, error_hours=error_hours, traffic_at=at, requests=sum(hours)
    )


def totals() -> dict[int, tuple[int, int]]:
    """{hours back: (requests, errors)} of the hours with any."""
    rows = TrafficHour.objects.all()
    sums = {
        round((AT.replace(minute=0) - row.at) / timedelta(hours=1)): (
            row.requests + row.gone_requests, row.errors + row.gone_errors,
        )
        for row in rows
    }  # fmt: skip
    return {back: both for back, both in sums.items() if any(both)}


def test_the_hours_of_all_endpoints_are_summed_and_once_more_changes_nothing():
    endpoint("a", {0: 5, 3: 7}, {3: 2})
    endpoint("b", {3: 10})
    for _ in range(2):
        traffic_totals.write()
        assert totals() == {0: (5, 0), 3: (17, 2)}
    assert TrafficHour.objects.count() == 24


def test_a_row_that_was_refreshed_an_hour_ago_counts_in_the_hours_it_is_about():
    endpoint("a", {0: 5}, at=AT - timedelta(hours=2))
    traffic_totals.write()
    assert totals() == {2: (5, 0)}


def test_what_is_older_than_a_day_stays():
    endpoint("a", {23: 4})
    traffic_totals.write()
    Endpoint.objects.update(hours=[0] * 24)
    traffic_totals.now = lambda: AT + timedelta(hours=3)
    try:
        traffic_totals.write()
    finally:
        traffic_totals.now = lambda: AT
    assert totals() == {23: (4, 0)}


def test_the_requests_of_an_endpoint_that_is_gone_stay_and_are_counted_once():
    gone = endpoint("a", {0: 5, 20: 9}, {0: 1})
    endpoint("b", {0: 2})
    traffic_totals.write()
    actions.forget(gone)
    assert totals() == {0: (7, 1), 20: (9, 0)}
    traffic_totals.write()
    assert totals() == {0: (7, 1), 20: (9, 0)}


def test_two_workers_that_drop_one_row_move_its_requests_once():
    endpoint("a", {2: 5})
    traffic_totals.write()
    first, second = Endpoint.objects.get(), Endpoint.objects.get()
    actions.forget(first)
    actions.forget(second)
    assert totals() == {2: (5, 0)}


def test_a_row_of_before_errors_were_stored_by_hour_counts_its_requests():
    Endpoint.objects.create(name="old", status="InService", hours=[0] * 23 + [6], traffic_at=AT)
    traffic_totals.write()
    assert totals() == {0: (6, 0)}
