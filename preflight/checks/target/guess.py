"""A target that nobody chose."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err

FIELD = "target"


@check(
    "target.guess",
    gettext_noop("It is known what to predict"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("It is known what to predict"),
)
def guess(context: CheckContext) -> Iterator[Finding]:
    """A person chose the target, or names, kinds and positions of the columns leave no doubt."""
    table = context.inspection
    if table is None or not context.supervised or context.job.recipe.target or table.is_target_sure:
        return
    if context.reads_header_as_data:  # an error of its own, which takes names and kinds from the columns
        return
    names = [table.target_suggestion, *table.target_others]
    yield err(
        _("Say which column to predict"),
        _("It may be %(name)s. %(reason)s That is not enough to be sure.", name=names[0], reason=table.target_reason),
        field=FIELD,
        column=names[0],
        fixes=tuple(Fix(_("Predict %(name)s", name=name), {"recipe.target": name}) for name in names),
    )
