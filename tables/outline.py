"""What preparing a table comes to, decided before anything is written: its schema, and whether the file fits as it is.

Pure: what is known of the table is given. `prepare` does what is decided here, and a plan shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from algorithms.contract import DataContract
from algorithms.spec import Algorithm
from common.messages import _
from common.problems import Problem
from tables import task, validation
from tables.class_weights import are_weights_written, check_class_weights
from tables.dialect import PLAIN
from tables.fit_encodings import depends_on_rows
from tables.inspection import Inspection
from tables.left_out import excluded_columns
from tables.monotone import FIELD as MONOTONE
from tables.monotone import check_monotone
from tables.objects import LOCATION
from tables.profile import Profile
from tables.recipe import Recipe
from tables.schema import build_schema, class_names, needs_training_rows, passthrough_schema
from tables.sparse_layout import prepared_content_type, sparse_layout
from tables.split import MAX_EXACT, held_out_rows, held_out_shares, is_random
from tables.target import Target, resolve_target
from tables.text_features import SLOTS
from tables.weights import FIELD, assign_weight

_CONTENT_TYPES = {
    "libsvm": "text/libsvm", "parquet": "application/x-parquet", "jsonlines": "application/jsonlines",
}  # fmt: skip


@dataclass(frozen=True)
class Outline:
    """What becomes of one table. `in_place`: the objects are the channel as they are, else channels are written."""

    profile: Profile
    target: Target
    schema: dict[str, Any]
    content_type: str
    in_place: bool

    def train_rows(self, recipe: Recipe, contract: DataContract) -> tuple[int, int]:
        """(least, most) rows to learn from; equal when nothing but writing the channels could tell more."""
        if self.in_place:
            return self.profile.rows, self.profile.rows
        counts = self.target.counts
        most = sum(counts.values())
        least = max(1, most - _rows_that_may_go(self.profile, recipe))
        shares = held_out_shares(recipe, contract)
        if not any(shares):
            return least, most
        if is_random(recipe) and least == most and max(counts.values()) <= MAX_EXACT:
            rows = most - sum(map(sum, held_out_rows(counts, *shares).values()))
            return rows, rows
        return 1, most

    def fits_rows(self, recipe: Recipe, contract: DataContract) -> bool:
        """True if encodings come from fewer rows than were profiled, or from labels: they take a pass of their own."""
        if needs_training_rows(self.schema):
            return True
        all_train = self.train_rows(recipe, contract)[0] == self.profile.rows
        return depends_on_rows(self.schema["columns"]) and not all_train

    def feature_counts(self, recipe: Recipe, contract: DataContract) -> tuple[int, int]:
        """(least, most) features; equal when nothing but the training rows could tell more."""
        most = len(self.schema["features"])
        if not self.fits_rows(recipe, contract):
            return most, most
        words = [column for column in self.schema["columns"] if column.get("encoding") == "tfidf"]
        if any(column["role"] == "feature" for column in words):
            fixed = most - sum(len(column["features"]) for column in words)
            return max(1, fixed), fixed + SLOTS * len(words)
        others = self.profile.rows - self.train_rows(recipe, contract)[0]
        open_values = 0  # that may be in none of the training rows
        for column in self.schema["columns"]:
            if column["role"] == "feature" and column["encoding"] in ("one-hot", "index"):
                profile = self.profile.column(column["name"])
                counts = (profile.values or {}) if profile else {}
                open_values += sum(counts.get(value, 0) <= others for value in column["values"])
        return max(1, most - open_values), most

    def has_validation(self, recipe: Recipe, contract: DataContract) -> bool:
        """True if there are rows for validation."""
        if self.in_place or not contract.validation:
            return False
        if recipe.validation == "share":
            held_out = held_out_rows(self.target.counts, *held_out_shares(recipe, contract))
            return any(validation for validation, _test in held_out.values())
        return recipe.validation == "location" or held_out_shares(recipe, contract).validation > 0


def outline(
    table: Inspection, profile: Profile, recipe: Recipe, algorithm: Algorithm, choose_task: Callable[[str], str],
    shards: int = 1,
) -> Outline:  # fmt: skip
    """The outline for the whole table of `profile`, whose training rows are divided among `shards` instances.

    `choose_task(suggested)` is the task, given the one that the target suggests ("" when it cannot be predicted):
    binary, multiclass, regression, or "" for none. Raises Problem when the table cannot be used, naming the file, the
    row, the column, the value and the fix.
    """
    contract = algorithm.data
    profile = replace(profile, target=table.target_suggestion)
    recipe = replace(recipe, excluded=excluded_columns(recipe, table))
    target = resolve_target(profile, algorithm.supervised, choose_task)
    check_class_weights(target, recipe, algorithm, is_raw(table, recipe))
    if is_raw(table, recipe):
        kind = raw_content_type(table, algorithm)
        accepted = {t for channel in algorithm.channels for t in channel.content_types}
        if recipe.prepare and accepted and kind not in accepted:
            raise Problem(
                _(
                    "%(title)s does not read LibSVM. Save the table as CSV or Parquet and upload that.",
                    title=algorithm.title,
                ),
                LOCATION,
            )
        columns = passthrough_schema(profile, target.classes, target.task, contract.label)
        if table.format == "libsvm":
            columns["features"] = []
            if recipe.monotone:
                raise Problem(_("LibSVM has no names of columns. Choose no monotone columns."), MONOTONE)
            if recipe.weight:
                text = _("LibSVM has the weight of a row behind its label, as in 1:0.5. Choose no weight column.")
                raise Problem(text, FIELD)
        assign_weight(columns, profile, recipe, algorithm)
        check_monotone(columns, recipe, algorithm)
        return Outline(profile, target, columns, kind, in_place=True)
    validation.check_names(table)
    validation.check_faults(profile, recipe)
    lenient = {name for name, what in recipe.bad_cells.items() if what == "missing"}
    columns = build_schema(profile, contract, target.classes, target.task, recipe.excluded, lenient)
    assign_weight(columns, profile, recipe, algorithm)
    check_monotone(columns, recipe, algorithm)
    if recipe.unseen == "refuse":
        columns["unseen"] = recipe.unseen
    check_width(columns, algorithm)
    in_place = shards == 1 and may_fit(table, profile, recipe, algorithm) and _fits(profile, columns, contract)
    in_place = in_place and not are_weights_written(target, recipe, algorithm)
    return Outline(profile, target, columns, prepared_content_type(columns, contract), in_place)


class Width(NamedTuple):
    """The features of a prepared row, those that a sparse row names or 0, and how many are codes of categories."""

    features: int
    entries: int
    categories: int


def prepared_width(
    profile: Profile, target: str, algorithm: Algorithm, chosen_task: str, excluded: Collection[str] = ()
) -> Width:
    """The width of the table of `profile` once it is prepared to predict `target`, "" for none.

    Of a part of a table it is what that part becomes: more rows may have more values.
    """
    schema = prepared_schema(profile, target, algorithm, chosen_task, excluded)
    layout = sparse_layout(schema)
    codes = sum(column["role"] == "feature" and column.get("encoding") == "code" for column in schema["columns"])
    return Width(len(schema["features"]), layout.size if layout else 0, codes)


def prepared_schema(
    profile: Profile, target: str, algorithm: Algorithm, chosen_task: str, excluded: Collection[str] = ()
) -> dict[str, Any]:
    """The schema of the table of `profile`, as `prepared_width` counts its features."""
    profile = replace(profile, target=target)
    column = profile.column(target)
    classes = class_names(column) if column and column.values and task.is_classification(chosen_task) else []
    return build_schema(profile, algorithm.data, classes, chosen_task, tuple(excluded))


def is_raw(table: Inspection, recipe: Recipe) -> bool:
    """True if the objects are the channels because a person says so, or because they are LibSVM."""
    return not recipe.prepare or table.format == "libsvm"


def raw_content_type(table: Inspection, algorithm: Algorithm) -> str:
    """The content type of objects that go to the algorithm as they are."""
    usual = algorithm.data.content_type
    return _CONTENT_TYPES.get(table.format, usual if "csv" in usual else "text/csv")


def may_fit(table: Inspection, profile: Profile, recipe: Recipe, algorithm: Algorithm) -> bool:
    """False if the file is not what the algorithm takes, whatever the rows that were not read hold.

    `profile` is of the rows that were read: each fault in it is one of the whole table.
    """
    contract, excluded = algorithm.data, excluded_columns(recipe, table)
    plain = profile.plain and table.format == "csv" and table.dialect == PLAIN and table.encoding == "utf-8"
    shape = not table.has_header and not table.compression and table.whole_prefix and "csv" in contract.content_type
    shape = shape and not table.partitions
    first = not contract.label or table.columns[0].name == table.target_suggestion
    numbers = all(c.kind == "number" and not c.untidy and not c.numbers_as for c in profile.columns)
    whole = not profile.ragged_count and not profile.undecodable and not profile.blank_lines
    label = profile.column(table.target_suggestion)
    labelled = not contract.label or (label is not None and not label.missing)
    missing = contract.missing == "native" or not any(c.missing for c in profile.columns)
    included = not any(c.name in excluded for c in profile.columns if c.name != table.target_suggestion)
    none_held = not any(held_out_shares(recipe, contract))
    none_held = none_held and (recipe.validation in ("none", "share") or not contract.validation)
    repeated = recipe.duplicates == "keep" or not profile.duplicates
    return all((plain, shape, first, numbers, whole, labelled, missing, included, none_held, repeated))


def _fits(profile: Profile, columns: Mapping[str, Any], contract: DataContract) -> bool:
    """True if no value of a file that `may_fit` has to be changed: no label, no scale."""
    classes = columns["classes"]
    numbered = not contract.label or classes == [str(i) for i in range(len(classes))]
    return numbered and not any("shift" in column for column in columns["columns"])


def _rows_that_may_go(profile: Profile, recipe: Recipe) -> int:
    """Most of the rows with a label that may be left out all the same."""
    label = profile.column(profile.target)
    dropped = [profile.column(name) for name, what in recipe.bad_cells.items() if what == "drop"]
    rows = profile.duplicates if recipe.duplicates == "drop" else 0
    return rows + sum(sum(column.odd_count.values()) for column in {id(c): c for c in (label, *dropped) if c}.values())


def check_rows(algorithm: Algorithm, rows: int) -> None:
    """Raises Problem when `rows` rows are too few to learn from."""
    if rows < algorithm.data.min_rows:
        raise Problem(
            _(
                "%(title)s needs at least %(least_rows)s rows to learn from, and there are %(counts)s. Add rows, or "
                "hold out fewer.",
                title=algorithm.title,
                least_rows=algorithm.data.min_rows,
                counts=rows,
            ),
            LOCATION,
        )


def check_width(columns: Mapping[str, Any], algorithm: Algorithm) -> None:
    """Raises Problem when a row of the schema `columns` has no number, or more than `algorithm` takes."""
    width, most = len(columns["features"]), algorithm.data.max_features
    if not width:
        raise Problem(_("No column is left to learn from. Take back in one that was left out."), LOCATION)
    if most and width > most:
        wide = max((c for c in columns["columns"] if c["role"] == "feature"), key=lambda c: len(c["features"]))
        raise Problem(
            _(
                "%(title)s takes at most %(most)s numbers a row, and this table has %(width)s. Leave out columns, "
                "first %(wide)s (%(n)s).",
                title=algorithm.title,
                most=f"{most:,}",
                width=f"{width:,}",
                wide=wide["name"],
                n=len(wide["features"]),
            ),
            LOCATION,
        )
