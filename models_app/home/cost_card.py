"""Draws the cost by day over the dashboard's period."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import amounts
from models_app.costs import by_day
from models_app.home.period import Period, fresh_since
from models_app.models import Charge
from models_app.text.formats import month_day
from models_app.web import charts
from models_app.web.svg import ticks

CLASSES = {Charge.Kind.ENDPOINTS: "s2", Charge.Kind.TRAINING: "s1", Charge.Kind.BATCH: "s4"}
MANY_DAYS = 14  # of which every fifth has a label


def cost_card(period: Period, day_price: float, version: datetime | None) -> SafeString:
    """The card as HTML, drawn once for a language until a charge is written or FRESH is over.

    `day_price` is what the endpoints in service cost a day: with another one it is drawn anew. `version` is that of
    `by_day`.
    """
    return _drawn(period.days, fresh_since(), round(day_price, 2), get_language(), version)


@lru_cache(maxsize=64)
def _drawn(days: int, _at: datetime, _day_price: float, _language: str, _version) -> SafeString:
    costs = by_day.costs(days, now())
    total = sum(cost.total for cost in costs)
    context = {"days": days, "chart": _chart(costs) if total else None, "is_free": settings.BACKEND == "engine"}
    return SafeString(render_to_string("home/_costs.html", context))


def _chart(costs: list[by_day.DayCost]) -> charts.Chart:
    names = {Charge.Kind.ENDPOINTS: _("Endpoints"), Charge.Kind.TRAINING: _("Training")}
    names[Charge.Kind.BATCH] = _("Batch prediction")
    sums = {kind: sum(cost.by_kind[kind] for cost in costs) for kind in by_day.KINDS}
    kinds = [kind for kind in by_day.KINDS if sums[kind]]
    marks = ticks(0, max(cost.total for cost in costs), 4)
    canvas = charts.Canvas((0, len(costs)), (0, marks[-1]), 600, 200)
    canvas.grid(len(marks) - 1)
    canvas.stacks([[cost.by_kind[kind] for kind in kinds] for cost in costs], [f"pl-bar {CLASSES[k]}" for k in kinds])
    most = max(costs, key=lambda cost: cost.total)
    values = {"total": amounts.money(sum(sums.values())), "days": len(costs)}
    values |= {"day": month_day(most.day), "most": amounts.money(most.total)}
    summary = _("%(total)s in %(days)s days; the most is %(most)s, on %(day)s.") % values
    title = _("Cost by day")
    rows = [
        [month_day(cost.day), *(amounts.money(cost.by_kind[kind]) for kind in kinds), amounts.money(cost.total)]
        for cost in costs
    ]
    return charts.Chart(
        key="costs",
        title=title,
        summary=summary,
        svg=canvas.svg(title, summary, "plot--c"),
        x_labels=_labels([cost.day for cost in costs]),
        y_labels=[f"${_amount(mark, marks[1])}" for mark in reversed(marks)],
        legend=[charts.Entry(f"{CLASSES[kind]} sq", names[kind], amounts.money(sums[kind])) for kind in kinds],
        table=charts.table([_("Day"), *(names[kind] for kind in kinds), _("Total")], rows),
        is_centred=True,
    )


def _amount(mark: float, step: float) -> str:
    """A tick's amount with cents, or none where every tick is whole, or as many decimals as tell the ticks apart."""
    decimals = 0 if step == int(step) else max(2, len(f"{step:.9f}".rstrip("0").partition(".")[2]))
    return f"{mark:,.{decimals}f}"


def _labels(days: list[date]) -> list[str]:
    """The name of each day; of many every fifth has one, for bars are narrow then."""
    is_crowded = len(days) > MANY_DAYS
    last = len(days) - 1
    return ["" if is_crowded and (last - at) % 5 else month_day(day) for at, day in enumerate(days)]
