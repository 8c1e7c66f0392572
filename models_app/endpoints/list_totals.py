"""Totals of the list of endpoints, in two queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.utils.timezone import now

from jobs import instances
from models_app.models import Endpoint


@dataclass(frozen=True)
class Totals:
    """Sums over all endpoints: `requests` and `errors` of 24 hours; prices are Amazon's, in US dollars a day."""

    endpoints: int
    serving: int
    requests: int
    errors: int
    price: float
    idle: int
    idle_price: float

    @property
    def error_share(self) -> float:
        """Percentage of the requests that were refused or failed."""
        return 100 * self.errors / self.requests if self.requests else 0.0


def totals() -> Totals:
    """The totals of now."""
    serving = Q(status=Endpoint.Status.IN_SERVICE)
    idle = Endpoint.idle(now())
    figures = Endpoint.objects.aggregate(
        endpoints=Count("pk"),
        serving=Count("pk", filter=serving),
        requests=Sum("requests", filter=serving, default=0),
        errors=Sum("errors", filter=serving, default=0),
        idle=Count("pk", filter=idle),
    )
    price = idle_price = 0.0
    by_type = Endpoint.objects.filter(serving).order_by().values("instance_type")
    for row in by_type.annotate(count=Sum("instances"), unused=Sum("instances", filter=idle, default=0)):
        price += instances.cost(row["instance_type"], 86400, row["count"]) or 0
        idle_price += instances.cost(row["instance_type"], 86400, row["unused"]) or 0
    return Totals(price=price, idle_price=idle_price, **figures)
