"""Sentences on the traits of a group of rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

MOST, FEW = 0.5, 0.1  # shares of a group: most of its rows, few of them
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


def sentence_of(traits: Sequence[dict[str, Any]]) -> str:
    """ "High monthly_charges (+1.4 sd), mostly contract = monthly (81% against 55%)."."""
    if not traits:
        return _("No single column sets it apart.")
    words = ", ".join(trait_words(trait) for trait in traits)
    return f"{words[0].upper()}{words[1:]}."


def trait_words(trait: dict[str, Any]) -> str:
    """One trait; of a number its mean in the group and how far that is from the mean of all rows."""
    column, more = trait["column"], trait["effect"] > 0
    if "empty" in trait or "is" in trait:
        values = {
            "column": column, "value": trait.get("is", ""), "share": f"{100 * trait['group']:.0f}",
            "overall": f"{100 * trait['overall']:.0f}",
        }  # fmt: skip
        return _share_words(trait, more) % values
    values = {"column": column, "sd": f"{trait['effect']:+.1f}", "mean": _amount(trait)}
    if "date" in trait:
        words = (
            _("late %(column)s (mean %(mean)s, %(sd)s sd)")
            if more
            else _("early %(column)s (mean %(mean)s, %(sd)s sd)")
        )
    else:
        words = (
            _("high %(column)s (mean %(mean)s, %(sd)s sd)") if more else _("low %(column)s (mean %(mean)s, %(sd)s sd)")
        )
    return words % values


def date_words(seconds: float) -> str:
    """The day of a moment in seconds since 1970; the seconds where no calendar has it."""
    try:
        return f"{BEGIN + timedelta(seconds=seconds):%Y-%m-%d}"
    except OverflowError:
        return f"{seconds:.4g}"


def _share_words(trait: dict[str, Any], more: bool) -> str:
    if "empty" in trait:
        if more:
            return _("%(column)s more often empty (%(share)s%% against %(overall)s%%)")
        return _("%(column)s less often empty (%(share)s%% against %(overall)s%%)")
    if more and trait["group"] >= MOST:
        return _("mostly %(column)s = %(value)s (%(share)s%% against %(overall)s%%)")
    if more:
        return _("more often %(column)s = %(value)s (%(share)s%% against %(overall)s%%)")
    if trait["group"] <= FEW:
        return _("rarely %(column)s = %(value)s (%(share)s%% against %(overall)s%%)")
    return _("less often %(column)s = %(value)s (%(share)s%% against %(overall)s%%)")


def _amount(trait: dict[str, Any]) -> str:
    mean = trait["group"]
    if "date" in trait:
        return date_words(mean)
    return f"{mean:,.0f}" if 1_000 <= abs(mean) < 1e15 else f"{mean:.4g}"
