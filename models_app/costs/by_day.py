"""What was spent on each of the last days, by kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db.models import Max, Sum

from jobs import instances
from models_app.costs.charges import DAY, utc_day
from models_app.models import Charge, Endpoint

KINDS = (Charge.Kind.ENDPOINTS, Charge.Kind.TRAINING, Charge.Kind.BATCH)  # as they are stacked
ANSWERING = (Endpoint.Status.IN_SERVICE, Endpoint.Status.UPDATING, Endpoint.Status.ROLLING_BACK)


@dataclass(frozen=True)
class DayCost:
    """US dollars of one day of UTC by kind, at Amazon's prices."""

    day: date
    by_kind: Mapping[str, float]

    @property
    def total(self) -> float:
        """All kinds together."""
        return sum(self.by_kind.values())


def costs(days: int, at: datetime) -> list[DayCost]:
    """The last `days` days of UTC until `at`, oldest first: jobs that ended, and endpoints by the time they ran."""
    first = utc_day(at) - (days - 1) * DAY
    sums: dict[date, dict[str, float]] = {first + number * DAY: {kind: 0.0 for kind in KINDS} for number in range(days)}
    charges = Charge.objects.filter(day__gte=first, day__lte=utc_day(at)).order_by()
    for day, kind, usd in charges.values_list("day", "kind").annotate(Sum("usd")):
        sums[day][kind] += usd
    for day, usd in _of_running_endpoints(first, at).items():
        sums[day][Charge.Kind.ENDPOINTS] += usd
    return [DayCost(day, by_kind) for day, by_kind in sums.items()]


def running_day_price() -> float:
    """US dollars that the endpoints in service cost a day."""
    rows = Endpoint.objects.filter(status=Endpoint.Status.IN_SERVICE).order_by().values_list("instance_type")
    prices = (instances.cost(kind, DAY.total_seconds(), count) for kind, count in rows.annotate(Sum("instances")))
    return sum(price or 0.0 for price in prices)


def version() -> datetime | None:
    """When a charge was last written; the cost of the days before today changes only then."""
    return Charge.objects.aggregate(Max("written"))["written__max"]


def _of_running_endpoints(first: date, at: datetime) -> dict[date, float]:
    """What the endpoints that answer now have cost on each day since `first`."""
    midnight, today = datetime.combine(first, time(), UTC), utc_day(at)
    day_price = 0.0  # of all that ran on the day in question from its beginning
    starting: dict[date, float] = {}  # by day, the price of a whole day of what was created on it
    cost: dict[date, float] = {}
    rows = Endpoint.objects.filter(status__in=ANSWERING).order_by()
    for instance_type, count, created in rows.values_list("instance_type", "instances", "created"):
        price = instances.cost(instance_type, DAY.total_seconds(), count) or 0.0
        if created > at:
            continue  # by AWS's clock, or before this one was set back: the day may have no bar yet
        if created <= midnight:
            day_price += price
            continue
        day = utc_day(created)
        end = min(at, datetime.combine(day, time(), UTC) + DAY)
        starting[day] = starting.get(day, 0.0) + price
        cost[day] = cost.get(day, 0.0) + price * max(0.0, (end - created) / DAY)
    day = first
    while day <= today:
        share = (at - datetime.combine(today, time(), UTC)) / DAY if day == today else 1.0
        cost[day] = cost.get(day, 0.0) + day_price * share
        day_price += starting.get(day, 0.0)
        day += DAY
    return cost
