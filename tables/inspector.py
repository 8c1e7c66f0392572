"""Inspects a table: its format, columns, first rows and target, from a part of it."""

from common.messages import _, gettext_noop
from common.problems import Problem
from tables import columns, task
from tables.failures import Reading
from tables.inspection import Inspection
from tables.objects import Source, locate
from tables.profile import ColumnProfile, Profile
from tables.profiler import build_profile
from tables.recipe import Recipe
from tables.store import Store
from tables.table_head import read_head

PREVIEW_ROWS = 5
PLAIN = Recipe()
FIRST_COLUMN = gettext_noop("Without column names the label is the first column.")
LAST_COLUMN = gettext_noop("It is the last column and holds a few classes, which the first does not.")


def inspect(store: Store, uri: str, recipe: Recipe = PLAIN, supervised: bool = True) -> Inspection:
    """Inspect the object at `uri`, or all objects with this prefix, from about the first megabyte.

    `recipe` overrides what is inferred. Faults such as rows of another width are no error; the inspection's `profile`
    has them. `supervised` False means that no target is needed. Raises Problem with field "location" for data that
    cannot be read, "target" for a target column that is not there, "recipe.encoding" for an unknown encoding.
    """
    return inspect_source(locate(store, uri), recipe, supervised)


def inspect_source(source: Source, recipe: Recipe = PLAIN, supervised: bool = True) -> Inspection:
    """`inspect` for objects that are located already."""
    with Reading(source.name(source.first)):
        return _inspect(source, recipe, supervised)


def _inspect(source: Source, recipe: Recipe, supervised: bool) -> Inspection:
    inspection, sample_blocks = read_head(source, recipe)
    names = [column.name for column in inspection.columns]
    _target(inspection, recipe.target, supervised)
    profile, _samples = build_profile(sample_blocks, inspection, recipe, source.size, inspection.complete)
    commas = {} if inspection.delimiter in ("", ",") else columns.decimal_commas(profile, recipe)
    if commas:
        for column in inspection.columns:
            column.numbers = commas.get(column.name, "")
        profile, _samples = build_profile(sample_blocks, inspection, recipe, source.size, inspection.complete)
    if inspection.target_reason == _(FIRST_COLUMN) and inspection.format != "libsvm" and _is_last(profile):
        inspection.target_suggestion, inspection.target_reason = names[-1], _(LAST_COLUMN)
        profile, _samples = build_profile(sample_blocks, inspection, recipe, source.size, inspection.complete)
    inspection.profile = profile
    inspection.columns = [columns.describe_column(c, profile, recipe) for c in profile.columns]
    inspection.rows_seen = sum(len(block.frame) + len(block.ragged) for block in sample_blocks)
    if inspection.complete:
        inspection.rows_total = inspection.rows_seen
    if inspection.format != "libsvm":
        preview = sample_blocks[0].frame.head(PREVIEW_ROWS).iter_rows()
        inspection.rows = [["" if cell is None else cell for cell in row] for row in preview]
    _roles(inspection, recipe)
    assert [column.name for column in inspection.columns] == names
    return inspection


def _target(inspection: Inspection, target: str, supervised: bool) -> None:
    names = [column.name for column in inspection.columns]
    if not supervised:
        return
    if target and target not in names:
        raise Problem(
            _(
                "There is no column %(target)s in %(uri)s. Its columns are %(names)s%(more)s. Choose one of them.",
                target=repr(target),
                uri=inspection.uri,
                names=", ".join(names[:8]),
                more=_(" and more") if len(names) > 8 else "",
            ),
            "target",
        )
    if target:
        inspection.target_suggestion, inspection.target_reason = target, _("It was chosen.")
    elif not inspection.has_header:
        inspection.target_suggestion, inspection.target_reason = "#1", _(FIRST_COLUMN)
    else:
        inspection.target_suggestion, inspection.target_reason = task.suggest_target(names)


def _is_last(profile: Profile) -> bool:
    """True if the last column holds a few classes and the first does not."""
    first, last = (_may_be_label(profile.columns[position]) for position in (0, -1))
    return last and not first


def _may_be_label(column: ColumnProfile) -> bool:
    if 2 * column.distinct > column.present:
        return False  # a class occurs more than once
    if column.kind == "number":
        return column.whole and 1 < column.distinct <= task.MAX_NUMBER_CLASSES
    return column.kind != "datetime" and 1 < column.distinct <= task.MAX_CLASSES


def _roles(inspection: Inspection, recipe: Recipe) -> None:
    for column in inspection.columns:
        if column.name == inspection.target_suggestion:
            column.role, column.leave_out = "target", ""
            whole = column.type in ("int", "binary")
            inspection.task, inspection.task_reason = task.suggest_task(column.kind, column.unique, whole)
        elif column.name in recipe.excluded:
            column.role, column.problem = "excluded", ""
