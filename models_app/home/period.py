"""How far the dashboard looks back, by ?period=."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.timezone import now
from django.utils.translation import gettext_lazy

from models_app.endpoints.traffic import Span

FRESH = timedelta(minutes=10)  # what runs costs little in that time


@dataclass(frozen=True)
class Period:
    """A period that ends now. Costs are of `days` days of UTC, today among them."""

    key: str
    title: str | Promise
    span: Span
    days: int

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.span.length


def _period(key: str, title: str | Promise, length: timedelta, step: int, days: int) -> Period:
    return Period(key, title, Span(key, title, length, step, 60), days)


PERIODS = (
    _period("24h", gettext_lazy("24 hours"), timedelta(days=1), 3600, 7),  # two bars would be no chart
    _period("7d", gettext_lazy("7 days"), timedelta(days=7), 3600, 7),
    _period("30d", gettext_lazy("30 days"), timedelta(days=30), 6 * 3600, 30),
)
DEFAULT = PERIODS[1]


def period_of(key: str) -> Period:
    """The period with the `key` of an address; the default for an unknown key."""
    return next((period for period in PERIODS if period.key == key), DEFAULT)


def fresh_since() -> datetime:
    """The beginning of the FRESH that it is now, for whose length a cost may stay as it was drawn."""
    moment = now()
    return moment - timedelta(seconds=moment.timestamp() % FRESH.total_seconds())
