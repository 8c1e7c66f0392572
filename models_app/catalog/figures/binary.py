"""The page of a model that tells two classes apart: a threshold, its consequences, what mistakes cost, and curves."""

from __future__ import annotations

import math
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from models_app.catalog.figures import binary_charts
from models_app.catalog.figures.counts import Counts
from models_app.catalog.figures.strip import figures_by_name, interval_words, is_beyond_baseline
from models_app.text import formats


def context_of(document: dict[str, Any], choices: QueryDict, stored: float | None) -> dict[str, Any]:
    """Verdict, decision and curves; `stored` is the threshold that is kept with the model, None for its own."""
    steps = [Counts(*step) for step in document["thresholds"]]
    used = document.get("own_threshold", 0.5) if stored is None else stored
    chosen = _chosen(steps, choices.get("threshold", ""), used)
    costs = _costs(choices)
    share = f"{100 * document['positives'] / document['rows']:.1f}"
    words = _("%(share)s%% of them are “%(label)s”.")
    context = {
        "about": words % {"share": share, "label": document["positive"]},
        "verdict": _verdict(document),
        "chosen": chosen,
        "matrix": _matrix(document, chosen),
        "has_slider": len(steps) > 1,
        "stored": stored,
        "is_used": chosen.threshold == _nearest(steps, used).threshold,
    }
    if len(steps) > 1:
        context |= _decision(document, steps, chosen, costs)
        context["charts"] = binary_charts.curves_of(document, chosen)
    return context


def _decision(
    document: dict[str, Any], steps: list[Counts], chosen: Counts, costs: tuple[float, float] | None
) -> dict[str, Any]:
    best = max(steps, key=lambda step: step.f1)
    reaching = [step for step in steps if step.recall >= 0.9]
    own = _nearest(steps, document["own_threshold"])
    suggestions = [(_("Best F1"), best.threshold)]
    if reaching:
        suggestions.append((_("Recall 90%"), max(reaching, key=lambda step: step.threshold).threshold))
    cost_curve = None
    if costs:
        cheapest = min(steps, key=lambda step: (step.cost(*costs), abs(step.threshold - own.threshold)))
        suggestions.insert(0, (_("Lowest cost"), cheapest.threshold))
        cost_curve = binary_charts.cost_of(document, [(s.threshold, s.cost(*costs)) for s in steps], chosen.threshold)
    return {
        "histogram": binary_charts.histogram_of(document, chosen.threshold),
        "suggestions": [(name, f"{value:.2f}") for name, value in suggestions],
        "own_threshold": f"{own.threshold:.2f}",
        "costs": costs,
        "cost_curve": cost_curve,
        "cost_words": _cost_words(document, steps, chosen, own, costs) if costs else "",
        "slider": {"low": steps[0].threshold, "high": steps[-1].threshold, "step": _step(steps)},
    }


def _chosen(steps: list[Counts], text: str, used: float) -> Counts:
    """The counts at the threshold that the address names; at the one in use without one."""
    try:
        wanted = float(text)
    except ValueError:
        wanted = math.nan
    return _nearest(steps, wanted if math.isfinite(wanted) else used)


def _nearest(steps: list[Counts], threshold: float) -> Counts:
    return min(steps, key=lambda step: abs(step.threshold - threshold))


def _step(steps: list[Counts]) -> str:
    return f"{(steps[-1].threshold - steps[0].threshold) / (len(steps) - 1):.10g}"


def _costs(choices: QueryDict) -> tuple[float, float] | None:
    """(of a false alarm, of a missed row) from the address; None unless both are numbers of 0 or more."""
    false_alarm, missed = _amount(choices.get("false_alarm", "")), _amount(choices.get("missed", ""))
    return None if false_alarm is None or missed is None or not false_alarm + missed else (false_alarm, missed)


def _amount(text: str) -> float | None:
    try:
        amount = float(text.replace(",", "").strip())
    except ValueError:
        return None
    return amount if math.isfinite(amount) and 0 <= amount < 1e12 else None


def _matrix(document: dict[str, Any], at: Counts) -> list[dict[str, Any]]:
    """Two rows of two cells, with a shade for the share of the actual class."""

    def cell(count: int, of: int, word: str, is_right: bool) -> dict[str, Any]:
        share = count / of if of else 0.0
        shade = (
            (5 if share > 0.75 else 4) if is_right and share > 0.25 else 3 if share > 0.5 else 2 if share > 0.1 else 1
        )
        return {"count": f"{count:,}", "share": f"{100 * share:.1f}%", "word": word, "cls": f"cm{shade}"}

    return [
        {
            "name": document["negative"], "rows": f"{at.negatives:,}",
            "cells": [
                cell(at.passed, at.negatives, _("right"), True),
                cell(at.false_alarms, at.negatives, _("false alarms"), False),
            ],
        },
        {
            "name": document["positive"], "rows": f"{at.positives:,}",
            "cells": [
                cell(at.missed, at.positives, _("missed"), False),
                cell(at.true_positives, at.positives, _("found"), True),
            ],
        },
    ]  # fmt: skip


def _verdict(document: dict[str, Any]) -> dict[str, str]:
    by_name = figures_by_name(document)
    accuracy = by_name["accuracy"]
    leading = by_name.get("auc", accuracy)
    label = document["baseline"]["label"]
    values = {
        "metric": formats.metric_name(leading["name"]), "value": formats.metric(leading["value"], leading["name"]),
        "interval": interval_words(leading), "baseline": formats.metric(leading["baseline"], leading["name"]),
        "label": label, "accuracy": formats.metric(accuracy["value"], "accuracy"),
        "always": formats.metric(accuracy["baseline"], "accuracy"),
    }  # fmt: skip
    if leading is accuracy:
        text = _("Accuracy %(value)s (95%% interval %(interval)s); always answering “%(label)s” has %(baseline)s.")
    else:
        text = _(
            "%(metric)s %(value)s (95%% interval %(interval)s); guessing has %(baseline)s. Accuracy %(accuracy)s; "
            "always answering “%(label)s” has %(always)s."
        )
    if is_beyond_baseline(leading) <= 0:
        return {"tone": "warn", "title": _("No better than guessing on these rows"), "text": text % values}
    if leading is not accuracy and is_beyond_baseline(accuracy) <= 0:
        title = _("Ranks the rows well, but is right no more often than always answering “%(label)s”") % values
        return {"tone": "warn", "title": title, "text": text % values}
    title = _("Better than always answering “%(label)s”") % values
    return {"tone": "ok", "title": title, "text": text % values}


def _cost_words(
    document: dict[str, Any], steps: list[Counts], at: Counts, own: Counts, costs: tuple[float, float]
) -> str:
    lowest = min(step.cost(*costs) for step in steps)
    without = min(document["positives"] * costs[1], (document["rows"] - document["positives"]) * costs[0])
    values = {
        "threshold": f"{at.threshold:.2f}", "cost": f"{at.cost(*costs):,.0f}", "own": f"{own.threshold:.2f}",
        "own_cost": f"{own.cost(*costs):,.0f}", "without": f"{without:,.0f}",
    }  # fmt: skip
    if at.cost(*costs) <= lowest:
        words = _(
            "At %(threshold)s mistakes cost %(cost)s, the lowest. At %(own)s they cost %(own_cost)s, without a model "
            "%(without)s."
        )
    else:
        words = _(
            "At %(threshold)s mistakes cost %(cost)s. At %(own)s they cost %(own_cost)s, without a model %(without)s."
        )
    return words % values
