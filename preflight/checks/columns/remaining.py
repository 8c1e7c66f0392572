"""The columns that are left to learn from."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err

_BY_COLUMN = ("excluded", "types", "numbers", "dates", "bad_cells")  # fields of a recipe that name columns


@check(
    "columns.remaining",
    gettext_noop("Something is left to learn from"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("There are columns to learn from"),
)
def remaining(context: CheckContext) -> Iterator[Finding]:
    """The recipe names columns of the table only, and leaves a number of features that the algorithm takes."""
    recipe = context.job.recipe
    names = {column.name for column in context.columns}
    gone = [n for field in _BY_COLUMN for n in getattr(recipe, field) if n not in names]
    if gone:
        yield err(
            _("There is no column %(name)s", name=repr(gone[0])),
            _("The settings name it, but the table has %(names)s.", names=", ".join(sorted(names)[:8])),
            field="recipe.excluded",
            fixes=(
                Fix(
                    _("Forget %(name)s", name=gone[0]),
                    {f"recipe.{field}": {gone[0]: None} for field in _BY_COLUMN if gone[0] in getattr(recipe, field)},
                ),
            ),
        )
    libsvm = context.inspection and context.inspection.format == "libsvm"
    if context.columns and not context.features and not libsvm and len(context.columns) > 1:
        yield err(
            _("No column is left to learn from"),
            _("All columns but the target are left out. Take at least one back."),
            field="recipe.excluded",
            fixes=_taking_back(context),
        )
    limit = context.algorithm.data.max_features
    if limit and context.feature_count > limit:
        yield err(
            _(
                "The table makes %(n)s features, %(title)s takes %(most)s",
                n=f"{context.feature_count:,}",
                title=context.algorithm.title,
                most=f"{limit:,}",
            ),
            _("Leave out columns, or choose another algorithm."),
            field="recipe.excluded",
        )


def _taking_back(context: CheckContext) -> tuple[Fix, ...]:
    """What makes a column a feature again; nothing in a table of the target alone.

    That is to take back what was left out, else the weight, else what only tells rows apart.
    """
    recipe, target = context.job.recipe, context.target_name
    if any(column.name in recipe.excluded and column.name not in (recipe.weight, target) for column in context.columns):
        return (Fix(_("Take all columns"), {"recipe.excluded": None}),)
    if recipe.weight and recipe.weight != target:
        return (Fix(_("Let all rows count the same"), {"recipe.weight": None, "recipe.excluded": None}),)
    by_itself = [name for name in context.excluded if name != target]
    return (Fix(_("Take all columns"), {"recipe.included": by_itself}),) if by_itself else ()
