"""The page on which an administrator sets the monthly budget."""

import math
from typing import Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common import amounts
from models_app.account.roles import Action, requires
from models_app.costs import budget_watch, by_day
from models_app.costs.month import month_cost
from models_app.models import Budget
from models_app.problems import Problem

MOST = 1e9  # US dollars


@require_http_methods(["GET", "POST"])
@requires(Action.ADMINISTER)
def budget(request):
    """Set, change or remove the budget of a month."""
    text, error = "", ""
    if request.method == "POST":
        text = request.POST.get("usd", "").strip()
        try:
            return _store(request, _amount(text))
        except Problem as problem:
            error = problem.message
    elif row := Budget.objects.first():
        text = f"{row.usd:.2f}".removesuffix(".00")
    cost = month_cost(now(), by_day.running_day_price())
    context: dict[str, Any] = {"usd": text, "error": error, "spent": amounts.money(cost.spent)}
    context |= {"forecast": amounts.money(cost.forecast), "month": cost.month}
    return render(request, "costs/budget.html", context, status=422 if error else 200)


def _amount(text: str) -> float | None:
    """The US dollars in `text`, None for an empty one. Raises Problem."""
    if not text:
        return None
    try:
        amount = float(text.replace(",", "").removeprefix("$"))
    except ValueError:
        amount = math.nan
    if not 0.01 <= amount <= MOST:
        raise Problem(_("Write US dollars as a number from 0.01 to 1,000,000,000, such as 500, or leave it empty."))
    return round(amount, 2)


def _store(request, usd: float | None):
    if usd is None:
        Budget.objects.all().delete()
        messages.success(request, _("There is no budget any more."))
    else:
        if not Budget.objects.filter(usd=usd).exists():  # warnings of another amount are none of this one
            fresh = {"usd": usd, "warned_month": "", "warned_share": 0}
            Budget.objects.update_or_create(pk=Budget.KEY, defaults=fresh)
        budget_watch.check()
        messages.success(request, _("The budget is %(usd)s a month.") % {"usd": amounts.money(usd)})
    return redirect("dashboard")
