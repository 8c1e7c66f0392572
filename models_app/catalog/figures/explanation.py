"""The page Explain: which columns matter, and in which direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.catalog.figures.effects import bees_of, disagreement, interaction_sentences
from models_app.text import formats
from models_app.web import charts
from models_app.web.svg import label, ticks

KINDS = {
    "number": gettext_noop("number"), "category": gettext_noop("category"), "boolean": gettext_noop("yes or no"),
    "datetime": gettext_noop("date"), "text": gettext_noop("text"),
}  # fmt: skip
MAX_ROWS = 20  # columns, unless all are asked for
LINES = ("s1", "s2", "s4", "s5")
ENOUGH = 30  # rows; of fewer, a loss says more of these rows than of the model


@dataclass(frozen=True)
class ImportanceRow:
    """One column: what the model loses without it, with its spread, and its mean effect, as bars from 0 to 100."""

    name: str
    kind: str
    loss: str
    length: float
    low: float
    high: float
    effect: str = ""
    effect_length: float = 0.0


def context_of(document: dict[str, Any], everything: bool) -> dict[str, Any]:
    """The template's variables for the explanation in `document`."""
    explanation = document["explain"]
    rows = [_row(entry, explanation) for entry in explanation["columns"]]
    context: dict[str, Any] = {"interactions": interaction_sentences(explanation)}
    if effects := explanation.get("effects"):
        # Of more classes each row's effects are on its own class, so dots of different rows are of different things.
        bees = bees_of(effects) if len(explanation["classes"]) <= 2 else None
        context |= {"bees": bees, "disagreement": disagreement(explanation)}
        context |= {"is_log": effects["scale"] != "answer"}
    return context | {
        "explain": explanation,
        "metric": formats.metric_name(explanation["metric"]),
        "verdict": _verdict(explanation, document),
        "importance": rows if everything else rows[:MAX_ROWS],
        "hidden": 0 if everything else max(0, len(rows) - MAX_ROWS),
        "charts": [
            _dependence(entry, document, at) for at, entry in enumerate(explanation["dependence"]) if entry["values"]
        ],
    }


def _verdict(explanation: dict[str, Any], document: dict[str, Any]) -> dict[str, str]:
    """Names the columns whose loss is no chance of the shuffling, in the order of the list, and what the first loses.

    The spread is that of one shuffle; a loss is the mean of several.
    """
    several = explanation["repeats"] ** 0.5
    matters = [entry for entry in explanation["columns"] if entry["loss"] > max(0, 2 * entry["sd"] / several)]
    metric = formats.metric_name(explanation["metric"])
    base = formats.metric(explanation["base"], explanation["metric"])
    few = _("Too few test rows to say which columns decide") if explanation["rows"] < ENOUGH else ""
    if not matters:
        text = _("Shuffling any one column leaves %(metric)s near %(base)s.") % {"metric": metric, "base": base}
        return {"tone": "info", "title": few or _("No single column decides"), "text": text}
    leading = matters[0]
    values = {
        "metric": metric, "base": base, "column": leading["column"],
        "loss": formats.metric(leading["loss"], explanation["metric"]),
    }  # fmt: skip
    names = ", ".join(entry["column"] for entry in matters[:3])
    title = _("%(columns)s decide most") if len(matters[:3]) > 1 else _("%(columns)s decides most")
    worse = _("With %(column)s shuffled among the rows, the mean absolute error grows by %(loss)s from %(base)s.")
    lost = _("With %(column)s shuffled among the rows, %(metric)s falls by %(loss)s from %(base)s.")
    text = (worse if document["kind"] == "regression" else lost) % values
    return {"tone": "info", "title": few or title % {"columns": names}, "text": text}


def _row(entry: dict[str, Any], explanation: dict[str, Any]) -> ImportanceRow:
    largest = max(max((other["loss"] for other in explanation["columns"]), default=0.0), 1e-12)
    length = 100 * max(0.0, entry["loss"]) / largest
    low, high = (100 * max(0.0, entry["loss"] + side * entry["sd"]) / largest for side in (-1, 1))
    loss = ("+" if entry["loss"] > 0 else "") + formats.metric(entry["loss"], explanation["metric"])
    words = f"{loss} ± {formats.metric(entry['sd'], explanation['metric'])}"
    kind = _(KINDS[entry["kind"]]) if entry["kind"] in KINDS else entry["kind"]
    effects = (explanation.get("effects") or {}).get("columns", {})
    effect = effects.get(entry["column"])
    mean = "" if effect is None else f"{effect:.3g}"
    share = 0.0 if effect is None else 100 * effect / (max(effects.values()) or 1.0)
    return ImportanceRow(entry["column"], kind, words, min(100.0, length), low, min(100.0, high), mean, share)


def _dependence(entry: dict[str, Any], document: dict[str, Any], number: int) -> charts.Chart:
    answers = entry["answers"]
    flat = [value for values in answers for value in values]
    names = _names(document, len(answers[0]))
    marks = ticks(min(flat), max(flat), 3)
    texts = entry.get("texts") or _texts(entry["values"])
    if entry["is_number"]:
        x = [float(value) for value in entry["values"]]
        canvas = charts.Canvas((x[0], x[-1]), (marks[0], marks[-1]), 300, 118)
        canvas.grid(len(marks) - 1)
        for at, cls in enumerate(LINES[: len(answers[0])]):
            canvas.line([(x_position, values[at]) for x_position, values in zip(x, answers, strict=True)], cls)
        x_labels = [texts[0], texts[-1]] if "texts" in entry else _texts([x[0], (x[0] + x[-1]) / 2, x[-1]])
    else:
        canvas = charts.Canvas((0, len(texts)), (marks[0], marks[-1]), 300, 118)
        canvas.grid(len(marks) - 1)
        for at, cls in enumerate(LINES[: len(answers[0])]):
            canvas.dots([(x_position + 0.5, values[at]) for x_position, values in enumerate(answers)], f"pl-dot {cls}")
        x_labels = texts if sum(map(len, texts)) < 40 else [f"{text[:8]}…" if len(text) > 9 else text for text in texts]
    title, summary = entry["column"], _finding(entry, document, texts)
    rows = [[text, *(f"{value:.4g}" for value in values)] for text, values in zip(texts, answers, strict=True)]
    legend = [charts.Entry(cls, name) for cls, name in zip(LINES, names, strict=False)] if len(names) > 1 else []
    return charts.Chart(
        f"pd-{number}", title, summary, canvas.svg(title, summary, f"plot--pd pd{number}"), x_labels,
        [label(mark, marks[1] - marks[0]) for mark in reversed(marks)], legend,
        charts.table([entry["column"], *names], rows), is_centred=not entry["is_number"],
    )  # fmt: skip


def _texts(values: list[Any]) -> list[str]:
    """Each value in words: numbers with four digits, or as many as it takes to tell them apart."""
    for digits in range(4, 18):
        texts = [_number(value, digits) if isinstance(value, int | float) else str(value) for value in values]
        if len(set(texts)) == len(set(values)):
            break
    return texts


def _number(value: float, digits: int) -> str:
    """The number without an exponent where its whole part has at most 15 digits."""
    whole = len(f"{abs(value):.0f}") if abs(value) < 1e15 else 0
    return f"{value:.{max(digits, whole)}g}"


def _names(document: dict[str, Any], count: int) -> list[str]:
    """What the answers are: the number, the score of the class that is looked for, or of each of the first classes."""
    if document["kind"] == "regression":
        return [_("Mean answer")]
    if document["kind"] == "binary":
        return [document["positive"]]
    return list(document["explain"]["classes"][:count])


def _finding(entry: dict[str, Any], document: dict[str, Any], texts: list[str]) -> str:
    first = [values[0] for values in entry["answers"]]
    lowest, highest = min(range(len(first)), key=first.__getitem__), max(range(len(first)), key=first.__getitem__)
    what = _names(document, len(entry["answers"][0]))[0]
    values = {
        "what": what, "low": f"{first[lowest]:.3g}", "high": f"{first[highest]:.3g}",
        "at_low": texts[lowest], "at_high": texts[highest],
    }  # fmt: skip
    return _("%(what)s: from %(low)s at %(at_low)s to %(high)s at %(at_high)s.") % values
