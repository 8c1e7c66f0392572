"""Prepares a table for an algorithm: label first, numbers only, no header, some rows held out.

Two streaming passes with bounded memory: the first profiles the table, the second writes its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from algorithms.contract import Facts
from algorithms.spec import Algorithm
from common.messages import _
from common.problems import Problem
from tables import validation
from tables.channel_writer import put_json
from tables.encode_channels import ChannelEncoder, EncodedChannels
from tables.inspection import Inspection
from tables.inspector import inspect_source
from tables.objects import LOCATION, Source, locate
from tables.profile import Profile
from tables.recipe import Recipe
from tables.scanner import Progress, no_progress, scan
from tables.schema import build_schema, passthrough_schema
from tables.target import Target, resolve_target

_KINDS = {
    "libsvm": "text/libsvm", "parquet": "application/x-parquet", "jsonlines": "application/jsonlines",
}  # fmt: skip


@dataclass
class PreparedData:
    """The data of a training job.

    `schema` is described in `tables.schema`. `lineage` is {"objects": [{"uri", "etag", "size", "rows"}], "rows",
    "train_rows", "validation_rows", "fixes": [sentence], "prepared": bool}.
    """

    channels: dict[str, str]  # {channel: s3 uri}
    content_type: str
    schema: dict[str, Any]
    facts: Facts  # what settling hyperparameters goes by
    dropped: int = 0  # rows without a label
    lineage: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)  # read, train, validation, and rows left out by reason

    @property
    def fixes(self) -> list[str]:
        """The changes made to the table, as sentences."""
        return list(self.lineage.get("fixes", ()))


def prepare(
    source: Source,
    recipe: Recipe,
    algorithm: Algorithm,
    folder: str,
    progress: Progress = no_progress,
    profile: Profile | None = None,
    choose_task: Callable[[str], str] = str,
) -> PreparedData:
    """Prepare the table at `source` under `folder`, an s3://bucket/prefix, for what `algorithm` takes.

    `choose_task(suggested)` is the task to prepare for, given the one that the target suggests ("" when it cannot be
    predicted): binary, multiclass, regression, or "" for none.

    `progress(bytes read, bytes in all)` is called every few megabytes; an exception from it ends the work. A `profile`
    from a scan of the same objects with the same recipe replaces the first pass. Repeatable: the same table and recipe
    write the same bytes. Raises Problem when the table cannot be used, with the file, row, column, value and fix.
    """
    inspection = inspect_source(source, recipe, algorithm.supervised)
    second_source = locate(source.store, recipe.validation_uri) if recipe.validation == "location" else None
    passes = 1 + (profile is None) + (recipe.validation == "time")
    total = passes * source.size + (second_source.size if second_source else 0)
    bytes_before = 0
    if profile is None or not profile.complete or profile.etag != source.etag:
        profile = scan(source, recipe, lambda done, _: progress(done, total), inspection=inspection)
        bytes_before = source.size
    profile.target = inspection.target_suggestion
    target = resolve_target(profile, algorithm.supervised, choose_task)
    if not recipe.prepare or inspection.format == "libsvm":
        prepared = _pass_through(source, second_source, inspection, profile, target, recipe, algorithm)
    else:
        validation.check_faults(profile, recipe)
        prepared = _encode(
            source, second_source, inspection, profile, target, recipe, algorithm, folder, progress, bytes_before, total
        )
    return _finish(prepared, source, profile, target, algorithm, folder)


def _encode(
    source: Source, second_source: Source | None, inspection: Inspection, profile: Profile, target: Target,
    recipe: Recipe, algorithm: Algorithm, folder: str, progress: Progress, bytes_before: int, total: int,
) -> PreparedData:  # fmt: skip
    contract = algorithm.data
    schema = build_schema(profile, contract, target.classes, target.task, tuple(recipe.excluded))
    _check_width(schema, algorithm)
    fixes = validation.describe_changes(profile, recipe, schema, inspection)
    if _is_ready(source, inspection, profile, schema, recipe, algorithm):
        rows = profile.rows
        channels = {contract.train: source.uri}
        counts = {"read": rows, "train": rows, "validation": 0}
        return PreparedData(
            channels, contract.content_type, schema, Facts(), 0, {"fixes": [], "prepared": False}, counts
        )
    encoder = ChannelEncoder(source, inspection, profile, recipe, schema, target, algorithm, folder)
    encoded: EncodedChannels = encoder.run(second_source, lambda done: progress(bytes_before + done, total))
    fixes += validation.describe_dropped_rows(encoded.counts)
    return PreparedData(
        encoded.channels, contract.content_type, schema, Facts(), encoded.counts["unlabelled"],
        {"fixes": fixes, "prepared": True}, encoded.counts,
    )  # fmt: skip


def _pass_through(
    source: Source, second_source: Source | None, inspection: Inspection, profile: Profile, target: Target,
    recipe: Recipe, algorithm: Algorithm,
) -> PreparedData:  # fmt: skip
    """Use the objects unchanged as channels: LibSVM, or a recipe that says not to prepare."""
    contract = algorithm.data
    kind = _KINDS.get(inspection.format, contract.content_type if "csv" in contract.content_type else "text/csv")
    taken = {t for channel in algorithm.channels for t in channel.content_types}
    if recipe.prepare and taken and kind not in taken:
        raise Problem(
            _(
                "%(title)s does not read LibSVM. Save the table as CSV or Parquet and upload that.",
                title=algorithm.title,
            ),
            LOCATION,
        )
    if inspection.format == "libsvm":
        schema = passthrough_schema(profile, target.classes, target.task, contract.label)
        schema["features"] = []
    else:
        schema = passthrough_schema(profile, target.classes, target.task, contract.label)
    channels = {contract.train: source.uri}
    if second_source and contract.validation:
        channels[contract.validation] = second_source.uri
    counts = {"read": profile.rows, "train": profile.rows, "validation": 0}
    return PreparedData(channels, kind, schema, Facts(), 0, {"fixes": [], "prepared": False}, counts)


def _finish(
    prepared: PreparedData, source: Source, profile: Profile, target: Target, algorithm: Algorithm, folder: str
) -> PreparedData:
    counts, contract = prepared.counts, algorithm.data
    if counts["train"] < contract.least_rows:
        raise Problem(
            _(
                "%(title)s needs at least %(least_rows)s rows to learn from, and there are %(counts)s. Add rows, or "
                "hold out fewer.",
                title=algorithm.title,
                least_rows=contract.least_rows,
                counts=counts["train"],
            ),
            LOCATION,
        )
    prepared.facts = Facts(
        target.task, len(target.classes), counts["train"], len(prepared.schema["features"]), counts["validation"] > 0
    )
    rows = {f["uri"]: f["rows"] for f in profile.files}
    prepared.lineage |= {
        "objects": [
            {"uri": source.name(o), "etag": o.etag, "size": o.size, "rows": rows.get(source.name(o), 0)}
            for o in source.objects
        ],
        "rows": counts["read"],
        "train_rows": counts["train"],
        "validation_rows": counts["validation"],
    }
    labelled = counts["train"] + counts["validation"]
    prepared.schema |= {
        "algorithm": algorithm.name,
        "content_type": prepared.content_type,
        "has_header": False,
        "rows": labelled,
        "train_rows": counts["train"],
        "validation_rows": counts["validation"],
    }
    put_json(source.store, f"{folder}/schema.json", prepared.schema)
    return prepared


def _check_width(schema: Mapping[str, Any], algorithm: Algorithm) -> None:
    width, most = len(schema["features"]), algorithm.data.most_features
    if not width:
        raise Problem(_("No column is left to learn from. Take back in one that was left out."), LOCATION)
    if most and width > most:
        wide = max((c for c in schema["columns"] if c["role"] == "feature"), key=lambda c: len(c["features"]))
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


def _is_ready(
    source: Source,
    inspection: Inspection,
    profile: Profile,
    schema: Mapping[str, Any],
    recipe: Recipe,
    algorithm: Algorithm,
) -> bool:
    """True if the algorithm can read the file unchanged, so that no copy is written."""
    contract, classes = algorithm.data, schema["classes"]
    plain = (
        profile.plain and inspection.format == "csv" and inspection.delimiter == "," and inspection.encoding == "utf-8"
    )
    shape = (
        not inspection.has_header
        and not inspection.compression
        and source.whole_prefix
        and "csv" in contract.content_type
    )
    first = not contract.label or inspection.columns[0].name == profile.target
    numbers = all(c.kind == "number" and not c.untidy and not c.numbers_as for c in profile.columns)
    whole = not profile.ragged_count and not profile.undecodable and not profile.blank_lines
    target = profile.column(profile.target)
    labelled = not contract.label or (target is not None and not target.missing)
    numbered = not contract.label or classes == [str(i) for i in range(len(classes))]
    missing = contract.missing == "native" or not any(c.missing for c in profile.columns)
    unchanged = not any("shift" in c or c["role"] == "excluded" for c in schema["columns"])
    no_holdout = recipe.validation == "none" or (recipe.validation == "share" and not recipe.validation_share)
    no_holdout = no_holdout or not contract.validation
    no_duplicates = recipe.duplicates == "keep" or not profile.duplicates
    return all((plain, shape, first, numbers, whole, labelled, numbered, missing, unchanged, no_holdout, no_duplicates))
