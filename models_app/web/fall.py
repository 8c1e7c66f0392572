"""Draws the reasons of one prediction as a waterfall chart, with a bar for each column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from models_app.web.svg import n

MAX_TEXT = 60  # characters of a name or a value
MAX_REASONS = 100
PROBABILITIES = ("log-odds", "softmax")


@dataclass(frozen=True)
class Step:
    """One column with its value, and the bar of its effect."""

    name: str
    value: str
    figure: str
    svg: SafeString


@dataclass(frozen=True)
class Fall:
    """The steps from the start to the answer, in words and as bars. `scale` says on which scale effects add up."""

    title: str
    start: str
    end: str
    sentence: str
    scale: str
    steps: Sequence[Step]


def fall_of(document: Any, columns: int) -> Fall | None:
    """The picture of the reasons in `document`, as `tables.reasons` makes it, of a row of `columns`; None for others.

    An endpoint may answer anything, so the document is checked.
    """
    if not _is_sound(document):
        return None
    label, scale = document.get("class"), document["scale"]
    effects = [(_cut(reason["column"]), _value(reason["value"]), reason["effect"]) for reason in document["reasons"]]
    others = max(0, columns - len(effects))
    if others:
        words = ngettext("%(n)d other column", "%(n)d other columns", others) % {"n": others}
        effects.append((words, "", document["rest"]))
    ends = [document["base"]]
    for _name, _text, effect in effects:
        ends.append(ends[-1] + effect)
    low, high = min(ends), max(ends)
    steps = [
        Step(name, text, f"{effect:+.3g}", _bar(ends[at], ends[at + 1], ends[0], low, high))
        for at, (name, text, effect) in enumerate(effects)
    ]
    title = _("For and against %(label)s") % {"label": _cut(label)} if label is not None else _("Why this answer")
    start, end = _answer(document["start"], scale), _answer(document["end"], scale)
    return Fall(title, start, end, _sentence(start, end, label, scale), _scale_words(scale), steps)


def _sentence(start: str, end: str, label: Any, scale: str) -> str:
    if scale in PROBABILITIES and label is not None:
        words = _("Together they lead from %(start)s to %(end)s, the probability of %(label)s.")
        return words % {"start": start, "end": end, "label": _cut(label)}
    return _("Together they lead from %(start)s to %(end)s.") % {"start": start, "end": end}


def _scale_words(scale: str) -> str:
    words = {
        "answer": _("Effects are in units of the answer. It starts from what the model answers on average."),
        "margin": _("Effects are on the margin, whose sign is the answer; there they add up exactly."),
        "log-odds": _("Effects are in log-odds; there they add up exactly. 0 is a probability of one half."),
        "log": _("Effects are on the logarithm of the answer; there they add up exactly."),
        "softmax": _("Effects are on the score of the class, before scores become probabilities; there they add up."),
    }
    return words.get(scale, "")


def _bar(before: float, after: float, start: float, low: float, high: float) -> SafeString:
    """A bar from `before` to `after`, and a line at `start`, on a width of 100 from `low` to `high`."""
    width = (high - low) or 1.0
    left, right = (100 * (value - low) / width for value in sorted((before, after)))
    line = 100 * (start - low) / width
    return format_html(
        '<svg class="fallbar" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="fb-line" d="M{} 0V14"/><rect class="{}" x="{}" y="2" width="{}" height="10"/></svg>',
        n(line), "fb-up" if after >= before else "fb-down", n(left), n(max(right - left, 0.5)),
    )  # fmt: skip


def _is_sound(document: Any) -> bool:
    if not isinstance(document, Mapping) or not isinstance(document.get("reasons"), list):
        return False
    reasons = document["reasons"]
    if not 0 < len(reasons) <= MAX_REASONS or not isinstance(document.get("scale"), str):
        return False
    if not all(_is_number(document.get(key)) for key in ("base", "start", "end", "rest")):
        return False
    return all(
        isinstance(reason, Mapping) and "value" in reason and "column" in reason and _is_number(reason.get("effect"))
        for reason in reasons
    )


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _answer(value: float, scale: str) -> str:
    return f"{value:.2f}" if scale in PROBABILITIES and 0.01 <= value <= 0.99 else f"{value:.4g}"


def _value(value: Any) -> str:
    if value is None:
        return _("empty")
    return _cut(f"{value:.6g}" if isinstance(value, float) else value)


def _cut(value: Any) -> str:
    text = str(value)
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
