"""The dashboard's words on the cost of the month: so far, the forecast, and the budget where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from common import amounts
from models_app.costs import budget_watch
from models_app.costs.month import MonthCost, month_cost
from models_app.home.period import fresh_since
from models_app.models import Budget
from models_app.web import svg


@dataclass(frozen=True)
class MonthWords:
    """What the dashboard says of the month; `tone` is "warn" or "err" with an alert, "" without one.

    `bar` is the share of the budget that is spent.
    """

    name: str
    spent: str
    forecast: str
    budget: str = ""
    percent: str = ""
    bar: str = ""
    is_over: bool = False
    tone: str = ""
    alert: str = ""


def month_words(day_price: float, version: datetime | None) -> MonthWords:
    """The words of this month, by what the endpoints in service cost a day and the version of `by_day`."""
    cost = _cost(fresh_since(), round(day_price, 2), version)
    name = str(MONTHS[cost.month.month])
    words = MonthWords(name, amounts.money(cost.spent), _forecast(cost))
    budget = Budget.objects.first()
    return words if budget is None else _with_budget(words, cost, budget)


@lru_cache(maxsize=4)
def _cost(at: datetime, day_price: float, _version) -> MonthCost:
    return month_cost(at, day_price)


def _forecast(cost: MonthCost) -> str:
    values = {"forecast": _whole(cost.forecast)}
    if cost.low is None or cost.high is None:
        return _("Forecast %(forecast)s") % values
    values |= {"low": _whole(cost.low), "high": _whole(cost.high)}
    return _("Forecast %(forecast)s (%(low)s to %(high)s)") % values


def _whole(amount: float) -> str:
    """US dollars without cents, where there are as many as ten: a forecast is not exact."""
    return f"${amount:,.0f}" if amount >= 10 else amounts.money(amount)


def _with_budget(words: MonthWords, cost: MonthCost, budget: Budget) -> MonthWords:
    values = {"month": words.name, "spent": words.spent, "budget": amounts.money(budget.usd)}
    values |= {"forecast": words.forecast, "percent": f"{100 * cost.spent / budget.usd:.0f}"}
    tone, alert = "", ""
    if share := budget_watch.reached(cost, budget):
        tone = "err" if share >= 100 else "warn"
        alert = _("%(month)s has cost %(spent)s, %(percent)s%% of the budget of %(budget)s. %(forecast)s.") % values
    return MonthWords(
        words.name,
        words.spent,
        words.forecast,
        budget=_whole(budget.usd),
        percent=values["percent"],
        bar=svg.bar(100 * cost.spent / budget.usd, f"bar--{tone or 'brand'} kpi__bar"),
        is_over=cost.forecast > budget.usd,
        tone=tone,
        alert=alert,
    )
