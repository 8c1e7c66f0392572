"""The rows: how many there are, of which class, which are repeated."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.ask import Ask
from preflight.finding import Finding, Fix
from preflight.registry import check, err, warn
from tables import task

RARE = 0.01  # share of a class below which accuracy misleads
FEW = 10  # rows of a class below which it is hardly learned


@check(
    "rows.balance",
    gettext_noop("No class is rare"),
    needs="table",
    ok=gettext_noop("No class is rare"),
)
def balance(ask: Ask) -> Iterator[Finding]:
    if not task.is_classification(ask.task) or not ask.supervised:
        return
    counts: dict = {}
    if ask.is_raw and ask.train:
        values = ask.train.label.values
        counts = {f"{value:g}": n for value, n in values.items()} if values and len(values) <= task.MAX_CLASSES else {}
    elif ask.target and ask.target.values and ask.target.distinct <= task.MAX_CLASSES:
        counts = ask.target.values
    total = sum(counts.values())
    if len(counts) < 2:
        return
    if len(counts) == 2 and "scale_pos_weight" in ask.job.hyperparameters:
        return  # it was thought of
    name, rows = min(counts.items(), key=lambda item: item[1])
    if rows < RARE * total or (rows < FEW and total >= 10 * FEW):
        fix: tuple[Fix, ...] = ()
        if len(counts) == 2 and ask.job.algorithm == "xgboost":
            weight = f"{(total - rows) / max(rows, 1):.3g}"
            fix = (Fix(_("Set scale_pos_weight to %(weight)s", weight=weight), {"hp-scale_pos_weight": weight}),)
        yield warn(
            ngettext(
                "Class %(name)s has %(n)s of %(total)s rows",
                "Class %(name)s has %(n)s of %(total)s rows",
                rows,
                name=name,
                total=f"{total:,}",
            ),
            _("A model that never predicts it is right in all other rows. Look at recall or AUC rather than accuracy."),
            field="target",
            column=ask.target_name,
            value=str(name),
            fixes=fix,
        )


@check(
    "rows.enough",
    gettext_noop("There are rows enough"),
    needs="table",
    ok=gettext_noop("There are rows enough"),
)
def rows(ask: Ask) -> Iterator[Finding]:
    have = ask.facts.rows if not ask.is_raw else ask.train.rows if ask.train else 0
    least = max(ask.algorithm.data.least_rows, 2)
    readable = not ask.is_raw or (ask.train and not ask.train.magic and not ask.train.packed)
    if not readable or not ask.complete:
        return
    if ask.rows == 0:
        yield err(_("The table has no rows"), _("There is nothing below the column names."), field="data_uri")
    elif have < least:
        yield err(
            ngettext("%(n)s row is too few to learn from", "%(n)s rows are too few to learn from", have),
            _("%(title)s needs at least %(least)s.", title=ask.algorithm.title, least=least),
            field="data_uri",
        )
    elif ask.rows < 50:
        yield warn(
            ngettext("%(n)s row is very little", "%(n)s rows are very little", ask.rows),
            _("A model of so few rows says little about new ones."),
            field="data_uri",
        )


@check(
    "rows.duplicates",
    gettext_noop("Rows are not repeated"),
    mode="prepared",
    needs="found",
    ok=gettext_noop("Hardly any row is repeated"),
)
def duplicates(ask: Ask) -> Iterator[Finding]:
    profile = ask.read
    if profile and profile.duplicates > max(1, 0.01 * profile.rows) and ask.job.recipe.duplicates == "keep":
        example = profile.repeated_example
        yield warn(
            ngettext("%(n)s row repeats an earlier one", "%(n)s rows repeat earlier ones", profile.duplicates),
            _("Held-out rows may have been learned already, and the figures look better than they are."),
            field="data_uri",
            row=example.row if example else None,
            value=example.value if example else "",
            fixes=(Fix(_("Leave out repeated rows"), {"recipe.duplicates": "drop"}),),
        )


@check(
    "rows.shared",
    gettext_noop("Validation rows are not training rows"),
    mode="prepared",
    needs="found",
    ok=gettext_noop("No training row is in the validation data"),
)
def shared(ask: Ask) -> Iterator[Finding]:
    if ask.profile and ask.profile.shared_with_validation:
        n = ask.profile.shared_with_validation
        yield warn(
            ngettext("%(n)s row is in the validation data too", "%(n)s rows are in the validation data too", n),
            _("The model is judged on rows it has learned. Leave them out of one of the two."),
            field="recipe.validation_uri",
        )
