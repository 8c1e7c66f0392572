"""Numbers that algorithms cannot hold."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop
from preflight.check_context import CheckContext
from preflight.finding import Finding
from preflight.raw_cells import LARGEST
from preflight.registry import check, err, leave_out

FIELD = "data_uri"


@check(
    "columns.large",
    gettext_noop("Every number fits into 32 bits"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Every number fits into 32 bits"),
)
def large(context: CheckContext) -> Iterator[Finding]:
    """No number is larger than a 32-bit float, unless preparing scales its column."""
    scaled = [] if context.algorithm.data.scale else context.features
    for column in [*scaled, *([context.target] if context.target else [])]:
        most = max(-(column.min or 0.0), column.max or 0.0)
        if context.kind_of(column) != "number" or most <= LARGEST:
            continue
        is_target = column is context.target
        yield err(
            _("Column %(column)s holds numbers too large for 32 bits", column=column.name),
            _(
                "The farthest from zero is %(most)s. Algorithms compute with 32-bit numbers, which end at 3.4e38. Use "
                "another unit or the logarithm.",
                most=f"{most:.3g}",
            ),
            field="target" if is_target else FIELD,
            column=column.name,
            fixes=() if is_target else (leave_out(column.name),),
        )
