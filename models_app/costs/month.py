"""The cost of the month: so far, and as it will probably be at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from math import sqrt
from statistics import fmean, variance

from models_app.costs import by_day
from models_app.costs.by_day import DayCost
from models_app.costs.charges import DAY, utc_day
from models_app.models import Charge

HISTORY = 28  # days before today that tell what a day of jobs costs: four whole weeks
ENOUGH = 5  # of them, without which there is no range
Z = 1.2816  # standard deviations to each side of the mean that hold four of five months


@dataclass(frozen=True)
class MonthCost:
    """US dollars of the month that begins on `month`, by days of UTC.

    `low` and `high` hold what four of five months come to; None while there are too few days to tell.
    """

    month: date
    spent: float
    forecast: float
    low: float | None = None
    high: float | None = None


def month_cost(at: datetime, day_price: float) -> MonthCost:
    """The month of `at`; `day_price` is what the endpoints in service cost a day."""
    return forecast(by_day.costs(max(HISTORY + 1, utc_day(at).day), at), at, day_price)


def forecast(days: Sequence[DayCost], at: datetime, day_price: float) -> MonthCost:
    """The month of `at` by the costs of `days`, of which the last is today and the first is in no later month.

    The rest of the month costs `day_price` for endpoints, and for jobs the mean day since the first that cost anything.
    Its variance is that of days of jobs, that of their mean, and that of the price of endpoints, which moves from day
    to day as it did before: a random walk.
    """
    today = utc_day(at)
    month = today.replace(day=1)
    end = datetime.combine((month + timedelta(days=31)).replace(day=1), time(), UTC)
    left = (end - at) / DAY
    spent = sum(cost.total for cost in days if cost.day >= month)
    past = _since_first_cost([cost for cost in days if cost.day < today][-HISTORY:])
    jobs = [cost.total - cost.by_kind[Charge.Kind.ENDPOINTS] for cost in past]
    mean = fmean(jobs) if jobs else 0.0
    expected = spent + left * (day_price + mean)
    if len(past) < ENOUGH:
        return MonthCost(month, spent, expected)
    endpoints = [cost.by_kind[Charge.Kind.ENDPOINTS] for cost in past]
    steps = fmean((after - before) ** 2 for before, after in pairwise(endpoints))
    spread = variance(jobs) * (left + left**2 / len(jobs)) + steps * left**3 / 3
    low, high = (expected + sign * Z * sqrt(spread) for sign in (-1, 1))
    return MonthCost(month, spent, expected, max(spent, low), high)


def _since_first_cost(days: Sequence[DayCost]) -> Sequence[DayCost]:
    """`days` from the first that cost anything: before it nobody used the console."""
    first = next((number for number, cost in enumerate(days) if cost.total), len(days))
    return days[first:]
