"""The facts of a trial that worked, as its card shows them in columns."""

from typing import Any

from django.utils.translation import gettext as _

from common import amounts
from jobs.code.trial import ROWS
from models_app.text import formats

Fact = tuple[str, str, bool]  # title, value, whether it is a worry


def times(report: dict[str, Any]) -> str:
    """How long each part took, in one line."""
    seconds = report.get("seconds", {})
    names = {
        "start": _("started %(s)s"),
        "train": _("train %(s)s"),
        "save": _("saved and loaded %(s)s"),
        "load": _("loaded %(s)s"),
        "predict": _("predict %(s)s"),
    }
    parts = [words % {"s": f"{seconds[name]:.1f}"} for name, words in names.items() if name in seconds]
    return _("%(total)s s: %(parts)s") % {"total": f"{sum(seconds.values()):.1f}", "parts": ", ".join(parts)}


def _common_facts(report: dict[str, Any], called: str) -> list[Fact]:
    facts, seconds = report.get("facts", {}), report.get("seconds", {})
    size = facts.get("bytes", 0)
    return [
        (called, _("returned in %(time)s") % {"time": _short(seconds.get("train", 0.0))}, False),
        (_("Model on disk"), formats.size(size) if size else _("Nothing"), not size),
        (_("Memory"), formats.size(report.get("memory", 0)), False),
    ]


def class_facts(report: dict[str, Any], line: int = 0) -> list[list[Fact]]:
    """The nine facts; `line` is where a row alone gets another answer than among others, 0 when that is not known."""
    facts, seconds = report.get("facts", {}), report.get("seconds", {})
    rows = facts.get("rows", ROWS)
    metrics = list(report.get("metrics", {}).items())[-1:]
    called = _("predict() of %(n)s rows") % {"n": rows}
    middle: list[Fact] = [
        (called, _short(seconds.get("predict", 0.0)), False),
        (_("Answers"), _answers(facts.get("answers", {})), facts.get("answers", {}).get("count") != rows),
    ]
    for name, value in metrics:
        title = _("%(metric)s on the %(n)s rows") % {"metric": name, "n": rows}
        middle.append((title, formats.metric(value, name) if isinstance(value, int | float) else str(value), False))
    alone = facts.get("alone", {}).get("same", True)
    yes, no = _("Yes"), _("No")
    differs = _("No, see line %(n)s") % {"n": line} if line else no
    return [
        _common_facts(report, "train()"),
        middle,
        [
            (_("Same answer twice"), yes if facts.get("twice") else no, not facts.get("twice")),
            (_("One row as in the whole"), yes if alone else differs, not alone),
            (_("After loading"), _("Same") if facts.get("loaded") else _("Different"), not facts.get("loaded")),
        ],
    ]


def script_facts(report: dict[str, Any]) -> list[list[Fact]]:
    """What is known of a script, in two columns."""
    facts, seconds = report.get("facts", {}), report.get("seconds", {})
    loads = facts.get("loads")
    loading = _("in %(time)s") % {"time": _short(seconds.get("load", 0.0))} if loads else _("There is none")
    return [_common_facts(report, _("Script")), [(_("model_fn loads"), loading, not loads)]]


def _answers(answers: dict[str, Any]) -> str:
    count, kind = answers.get("count", 0), answers.get("kind")
    if kind == "numbers":
        low, high = f"{answers['min']:.3g}", f"{answers['max']:.3g}"
        return _("%(n)s numbers, %(low)s to %(high)s") % {"n": count, "low": low, "high": high}
    if kind == "rows":
        return _("%(n)s rows of %(width)s numbers") % {"n": count, "width": answers.get("width")}
    values = ", ".join(map(str, answers.get("values", ())))
    more = "…" if answers.get("different", 0) > len(answers.get("values", ())) else ""
    return _("%(n)s labels: %(values)s") % {"n": count, "values": values + more}


def _short(seconds: float) -> str:
    return (
        f"{1000 * seconds:.0f} ms"
        if seconds < 0.1
        else f"{seconds:.1f} s"
        if seconds < 10
        else amounts.duration(seconds)
    )
