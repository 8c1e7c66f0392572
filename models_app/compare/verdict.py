"""The sentence on top of a comparison: which is better, by how much, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from evaluation.kinds import KINDS
from models_app.compare.measured import Figure, interval_words
from models_app.compare.members import Member
from models_app.compare.settings import learned_alike
from models_app.text import formats


@dataclass(frozen=True)
class Verdict:
    """`tone` is that of an alert; `member` the one that it recommends looking at, if any."""

    tone: str
    title: str
    text: str
    member: Member | None = None


def verdict_of(members: Sequence[Member], base: Member, chosen: Figure | None, figures: Sequence[Figure]) -> Verdict:
    """What `chosen` says of the best member and the baseline."""
    others = [m for m in members if m is not base and chosen and chosen.gain(m.index, base.index) is not None]
    if chosen is None or not others:
        return Verdict("info", _("No figure compares them"), _no_figure(chosen, base))
    best = max(others, key=lambda member: chosen.gain(member.index, base.index) or 0.0)
    gain = chosen.gain(best.index, base.index) or 0.0
    text = [_uncertainty(chosen, best, base, len(others)), *_more(members, base, best, figures, chosen)]
    words = {
        "name": best.label, "base": base.label, "metric": chosen.title,
        "size": formats.metric(abs(gain), chosen.name),
    }  # fmt: skip
    tone, title = _headline(chosen, best, gain, len(others), words)
    return Verdict(tone, title, " ".join(part for part in text if part), best if gain > 0 else base)


def _headline(chosen: Figure, best: Member, gain: float, others: int, words: dict[str, str]) -> tuple[str, str]:
    if gain == 0:
        return "info", _("%(name)s and %(base)s have the same %(metric)s") % words
    if chosen.gain_interval(best.index) is None:
        better, worse = _("%(name)s is better by %(size)s %(metric)s"), _("%(name)s is worse by %(size)s %(metric)s")
        return "info", (better if gain > 0 else worse) % words
    if not chosen.is_beyond_chance(best.index):
        return "info", _("No difference beyond chance between %(name)s and %(base)s in %(metric)s") % words
    if gain > 0:
        return "ok", _("%(name)s is better by %(size)s %(metric)s, more than chance") % words
    if others > 1:
        words["name"] = words["base"]
        return "ok", _("%(name)s is the best, by %(size)s %(metric)s, more than chance") % words
    return "warn", _("%(name)s is worse by %(size)s %(metric)s, more than chance") % words


def _uncertainty(chosen: Figure, best: Member, base: Member, others: int) -> str:
    """The interval in words, or why there is none."""
    interval = chosen.gain_interval(best.index)
    if interval is None and not chosen.is_of_test:
        return _("Training reported this figure, and no test rows say whether the difference is more than chance.")
    if interval is None and base.kind[0] in KINDS:
        return _("Nothing says which answer is right, so nothing says whether the difference is more than chance.")
    if interval is None:
        return _("There is no interval: too few rows, or none of them tells the two apart.")
    gain = chosen.gain(best.index, base.index) or 0.0
    oriented = interval if gain >= 0 else (-interval[1], -interval[0])
    words = {"interval": interval_words(chosen, oriented), "name": best.label, "base": base.label, "n": others}
    values = {index: formats.metric(chosen.values[index], chosen.name) for index in (best.index, base.index)}
    words |= {"value": values[best.index], "was": values[base.index], "size": formats.metric(abs(gain), chosen.name)}
    if others > 1:
        return (
            _(
                "%(value)s against %(was)s of %(base)s: a difference of %(size)s, with the 95%% interval %(interval)s "
                "for all %(n)s comparisons at once."
            )
            % words
        )
    return (
        _("%(value)s against %(was)s of %(base)s: a difference of %(size)s, with the 95%% interval %(interval)s.")
        % words
    )


def _more(
    members: Sequence[Member], base: Member, best: Member, figures: Sequence[Figure], chosen: Figure
) -> list[str]:  # fmt: skip
    """On how many figures the best one leads, and whether the data differ."""
    sentences = []
    counted = [figure for figure in figures if figure.is_of_test == chosen.is_of_test and figure.best() is not None]
    leader = best if (chosen.gain(best.index, base.index) or 0.0) > 0 else base
    leads = sum(figure.best() == leader.index for figure in counted)
    if chosen.is_of_test and len(counted) > 1:
        words = {"name": leader.label, "leads": leads, "all": len(counted)}
        sentences.append(_("%(name)s is the best on %(leads)s of %(all)s figures.") % words)
    if not learned_alike([base, best]):
        sentences.append(_("They learned from different data, so part of the difference may be the data."))
    return sentences


def _no_figure(chosen: Figure | None, base: Member) -> str:
    if chosen:
        words = _("%(base)s has no %(metric)s. Choose another baseline, or another figure.")
        return words % {"base": base.label, "metric": chosen.title}
    return _(
        "No two of them were measured on test rows of one kind, or reported the same metric. What differs in their "
        "settings and data is below."
    )
