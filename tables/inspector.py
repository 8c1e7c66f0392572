"""Inspects a table: its format, columns, first rows and target, from a part of it."""

from functools import partial

from common.messages import _
from common.problems import Problem
from tables import columns, task
from tables.failures import Reading
from tables.inspection import Inspection
from tables.left_out import excluded_columns, suggest_left_out
from tables.objects import Source, locate
from tables.profile import Profile
from tables.profiler import build_profile
from tables.recipe import Recipe
from tables.store import Store
from tables.table_head import read_head
from tables.target_guess import TargetGuess, guess_target

PREVIEW_ROWS = 5
PLAIN = Recipe()


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
    _check_target(inspection, recipe.target if supervised else "")
    choose = partial(_choose_target, inspection, recipe.target) if supervised else None
    profile, _samples = build_profile(sample_blocks, inspection, recipe, source.size, inspection.complete, choose)
    guessed = profile.column(profile.target)
    if guessed and guessed.values is None and not recipe.target:
        profile, _samples = build_profile(sample_blocks, inspection, recipe, source.size, inspection.complete, choose)
    commas = {} if inspection.delimiter in ("", ",") else columns.decimal_commas(profile, recipe)
    if commas:
        for column in inspection.columns:
            column.numbers = commas.get(column.name, "")
        profile, _samples = build_profile(sample_blocks, inspection, recipe, source.size, inspection.complete, choose)
    inspection.profile = profile
    inspection.columns = [columns.describe_column(c, profile, recipe) for c in profile.columns]
    inspection.rows_seen = sum(len(block.frame) + len(block.ragged) for block in sample_blocks)
    if inspection.complete:
        inspection.rows_total = inspection.rows_seen
    if inspection.format != "libsvm":
        preview = sample_blocks[0].frame.head(PREVIEW_ROWS).iter_rows()
        inspection.rows = [["" if cell is None else cell for cell in row] for row in preview]
    inspection.left_out = suggest_left_out(inspection, supervised)
    _roles(inspection, recipe)
    assert [column.name for column in inspection.columns] == names
    return inspection


def _check_target(inspection: Inspection, target: str) -> None:
    names = [column.name for column in inspection.columns]
    if target and target not in names:
        raise Problem(no_column(target, inspection), "target")


def no_column(name: str, inspection: Inspection) -> str:
    """That the table has no column of a name, and which it has."""
    names = [column.name for column in inspection.columns]
    return _(
        "There is no column %(target)s in %(uri)s. Its columns are %(names)s%(more)s. Choose one of them.",
        target=repr(name),
        uri=inspection.uri,
        names=", ".join(names[:8]),
        more=_(" and more") if len(names) > 8 else "",
    )


def _choose_target(inspection: Inspection, target: str, profile: Profile) -> str:
    """The column to predict: `target`, else the one that is likely meant, noted in `inspection`."""
    chosen = TargetGuess(target, _("It was chosen."), True) if target else None
    guess = chosen or guess_target(profile, inspection.has_header)
    inspection.target_suggestion, inspection.target_reason = guess.name, guess.reason
    inspection.is_target_sure, inspection.target_others = guess.is_sure, guess.others
    return guess.name


def _roles(inspection: Inspection, recipe: Recipe) -> None:
    excluded = excluded_columns(recipe, inspection)
    for column in inspection.columns:
        if column.name == inspection.target_suggestion:
            column.role, column.leave_out = "target", ""
            whole = column.type in ("int", "binary")
            inspection.task, inspection.task_reason = task.suggest_task(column.kind, column.unique, whole)
        elif column.name in excluded:
            column.role, column.problem = "excluded", ""
