"""Cells of the target that may be labels: words for "no value", and spellings of one label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, warn
from tables import task
from tables.labels import same_labels

FIELD = "target"
MAX_NAMES = 4


@check(
    "target.labels",
    gettext_noop("Labels are told from missing ones"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Labels are told from missing ones"),
)
def labels(context: CheckContext) -> Iterator[Finding]:
    """A word such as None may be a label or a gap, and one label may be written in several ways."""
    target = context.target
    if target is None or not context.supervised or not task.is_classification(context.task):
        return
    words = {word: n for word, n in target.missing_words.items() if word in target.labels}
    dropped = {word: n for word, n in target.missing_words.items() if word not in target.labels}
    more: dict[str, Any] = {"field": FIELD, "column": target.name}
    if words and not context.job.recipe.label_words:
        yield warn(
            _("%(words)s is read as a label", words=_named(words)),
            ngettext(
                "It stands in %(n)s row. In other columns it means no value.",
                "It stands in %(n)s rows. In other columns it means no value.",
                sum(words.values()),
            ),
            value=next(iter(words)),
            fixes=(Fix(_("Leave these rows out"), {"recipe.label_words": "drop"}),),
            **more,
        )
    if dropped and target.kind != "number" and not context.job.recipe.label_words:
        yield warn(
            _("%(words)s is read as no label", words=_named(dropped)),
            ngettext(
                "%(n)s row is left out because of it.",
                "%(n)s rows are left out because of it.",
                sum(dropped.values()),
            ),
            value=next(iter(dropped)),
            fixes=(Fix(_("Keep it as a label"), {"recipe.label_words": "keep"}),),
            **more,
        )
    same = [] if context.job.recipe.label_case else same_labels(target)
    if same and target.kind != "number":
        yield warn(
            ngettext(
                "%(n)s label is written in several ways",
                "%(n)s labels are written in several ways",
                len(same),
            ),
            _(
                "They are learned as different labels: %(words)s.",
                words=", ".join(" / ".join(one[:4]) for one in same[:3]),
            ),
            value=same[0][0],
            fixes=(Fix(_("Read them as one each"), {"recipe.label_case": "merge"}),),
            **more,
        )


def _named(words: Mapping[str, int]) -> str:
    return ", ".join(map(repr, list(words)[:MAX_NAMES]))
