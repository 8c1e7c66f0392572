"""Warns administrators, once each, when the month has cost 80 and 100 percent of the budget."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from common import amounts
from common.messages import _
from models_app.costs import by_day
from models_app.costs.month import MonthCost, month_cost
from models_app.models import Budget
from models_app.models.notification import Kind
from models_app.notifications import announce

SHARES = (80, 100)  # percent


def check(at: datetime | None = None) -> None:
    """Warn if a share of the budget is reached that nobody was warned of. Repeatable, by several workers at once."""
    budget = Budget.objects.first()
    if budget is None:
        return
    cost = month_cost(at or now(), by_day.running_day_price())
    share = reached(cost, budget)
    month = f"{cost.month:%Y-%m}"
    if not share:
        return
    with transaction.atomic():
        news = ~Q(warned_month=month) | Q(warned_share__lt=share)
        # One statement: of two workers, the second finds what the first has written.
        if Budget.objects.filter(news, usd=budget.usd).update(warned_month=month, warned_share=share):
            _announce(cost, budget, share, month)


def reached(cost: MonthCost, budget: Budget) -> int:
    """The largest of SHARES that `cost` has reached; 0 for none."""
    return max((share for share in SHARES if cost.spent * 100 >= budget.usd * share), default=0)


def _announce(cost: MonthCost, budget: Budget, share: int, month: str) -> None:
    values = {"spent": amounts.money(cost.spent), "budget": amounts.money(budget.usd)}
    values |= {"month": month, "forecast": amounts.money(cost.forecast)}
    detail = _("%(month)s has cost %(spent)s of %(budget)s, and will probably cost %(forecast)s.", **values)
    event = f"budget-{month}-{share}-{budget.usd:.2f}"
    announce.announce_to(announce.administrators(), Kind.BUDGET, event, name=f"{share}%", detail=detail)
