"""The validation data: it exists, and is no part of the training data."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop
from preflight.check_context import CheckContext
from preflight.checks.location.uris import lies_below
from preflight.finding import Finding, Fix
from preflight.registry import check, err, hold_out


@check(
    "location.validation",
    gettext_noop("Validation data is other data"),
    ok=gettext_noop("Validation data is other data than training data"),
)
def validation(context: CheckContext) -> Iterator[Finding]:
    """Validation data exists, and is not part of the training data."""
    recipe, field = context.job.recipe, "recipe.validation_uri"
    other = (
        recipe.validation_uri
        if recipe.validation == "location" and not context.is_raw
        else context.job.channels.get("validation", "")
    )
    if not context.is_raw and recipe.validation == "location" and not other:
        yield err(
            _("The validation data has no address"),
            _("Choose the second location, or hold out a share of the rows."),
            field=field,
            fixes=(hold_out(),),
        )
    train = context.job.channels.get("train") or context.job.data_uri
    if other and train and (other.rstrip("/") == train.rstrip("/")):
        yield err(
            _("Training and validation are the same data"),
            _("A model judged on what it learned looks better than it is. Choose other data, or hold out a share."),
            field=field,
            fixes=(
                Fix(_("Train without validation data"), {"channels": {"validation": None}})
                if context.is_raw
                else hold_out(),
            ),
            silent=True,
        )
    elif other and train and (lies_below(train, other) or lies_below(other, train)):
        yield err(
            _("One location lies inside the other"),
            _(
                "%(other)s and %(train)s overlap, so rows are learned and judged at once. Use two separate prefixes.",
                other=other,
                train=train,
            ),
            field=field,
            silent=True,
        )
    if not context.is_raw and recipe.validation == "time" and context.columns:
        names = [column.name for column in context.columns]
        if recipe.time_column not in names:
            yield err(
                _("There is no time column %(name)s", name=repr(recipe.time_column)),
                _("Choose the column that says when a row happened: one of %(names)s.", names=", ".join(names[:8])),
                field="recipe.time_column",
            )
    if not context.is_raw and recipe.validation == "group" and context.columns:
        yield from _group_column(context)


def _group_column(context: CheckContext) -> Iterator[Finding]:
    """The group column exists, is not predicted, and has several groups."""
    name, field = context.job.recipe.group_column, "recipe.group_column"
    column = next((column for column in context.columns if column.name == name), None)
    others = [c.name for c in context.columns if c.name != context.target_name and c.distinct > 1]
    choose = _("Choose the column that says whose a row is: one of %(names)s.", names=", ".join(others[:8]))
    if column is None:
        yield err(_("There is no group column %(name)s", name=repr(name)), choose, field=field, fixes=(hold_out(),))
    elif name == context.target_name:
        yield err(_("The group column %(name)s is predicted", name=name), choose, field=field, fixes=(hold_out(),))
    elif context.complete and column.distinct < 2:
        yield err(_("Column %(name)s has one group only", name=name), choose, field=field, fixes=(hold_out(),))
