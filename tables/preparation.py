"""Prepares a table for an algorithm: label first, numbers only, no header, some rows held out.

Streaming passes with bounded memory: one profiles the table, one fits the encodings to the training rows where these
are not all rows, one writes the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any

import algorithms
from algorithms.contract import Facts
from algorithms.spec import Algorithm
from common.messages import english
from tables import validation
from tables.channel_writer import put_json
from tables.class_weights import are_weights_written, class_counts
from tables.column_summary import column_summaries
from tables.encode_channels import ChannelEncoder, EncodedChannels
from tables.failures import Reading
from tables.inspection import Inspection
from tables.inspector import inspect_source
from tables.left_out import left_out_by_itself
from tables.monotone import monotone_directions
from tables.objects import Source, locate
from tables.outline import Outline, check_rows, outline
from tables.predictions import SCORE_KIND
from tables.profile import Profile
from tables.recipe import Recipe
from tables.scanner import Progress, no_progress, scan
from tables.schema import ORIGIN
from tables.sparse_layout import sparse_layout
from tables.split import is_random


@dataclass
class PreparedData:
    """The data of a training job.

    `schema` is described in `tables.schema`. `lineage` is {"objects": [{"uri", "etag", "size", "rows"}], "rows",
    "train_rows", "validation_rows", "test_rows", "fixes": [sentence], "prepared": bool}.
    """

    channels: dict[str, str]  # {channel: s3 uri}
    content_type: str
    schema: dict[str, Any]
    facts: Facts  # what settling hyperparameters goes by
    dropped: int = 0  # rows without a label
    lineage: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)  # read, train, validation, test, and rows left out by reason

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
    hyperparameters: Mapping[str, str] = MappingProxyType({}),
    shards: int = 1,
    inspection: Inspection | None = None,
) -> PreparedData:
    """Prepare the table at `source` under `folder`, an s3://bucket/prefix, for what `algorithm` takes.

    `hyperparameters` are those that somebody chose: they may say the task, which the target suggests otherwise. Written
    training rows are dealt to `shards` sets of objects, for as many instances.

    `progress(bytes read, bytes in all)` is called every few megabytes; an exception from it ends the work. A `profile`
    from a scan of the same objects with the same recipe replaces the first pass, an `inspection` of them the look at
    the first rows. Repeatable: the same table and recipe
    write the same bytes. Raises Problem when the table cannot be used, with the file, row, column, value and fix.
    """
    with Reading(source.uri, progress) as step:
        return _prepare(source, recipe, algorithm, folder, step, profile, hyperparameters, shards, inspection)


def prepare_for(
    source: Source, recipe: Recipe, algorithm: str, folder: str, progress: Progress = no_progress,
    profile: Profile | None = None, hyperparameters: Mapping[str, str] = MappingProxyType({}), shards: int = 1,
    inspection: Inspection | None = None,
) -> PreparedData:  # fmt: skip
    """`prepare` for the algorithm of that name, which another process can say."""
    kind = algorithms.get(algorithm)
    return prepare(source, recipe, kind, folder, progress, profile, hyperparameters, shards, inspection)


def _prepare(
    source: Source, recipe: Recipe, algorithm: Algorithm, folder: str, progress: Progress, profile: Profile | None,
    hyperparameters: Mapping[str, str], shards: int, inspection: Inspection | None,
) -> PreparedData:  # fmt: skip
    inspection = inspection or inspect_source(source, recipe, algorithm.supervised)
    inspection = replace(inspection, profile=None)  # it takes memory
    second_source = locate(source.store, recipe.validation_uri) if recipe.validation == "location" else None
    scanned = profile is not None and profile.complete and profile.etag == source.etag
    passes = 1 + (not scanned) + (not is_random(recipe))
    total = passes * source.size + (second_source.size if second_source else 0)
    bytes_before = 0
    if not scanned or profile is None:
        profile = scan(source, recipe, lambda done, _: progress(done, total), inspection=inspection)
        bytes_before = source.size
    decided = outline(inspection, profile, recipe, algorithm, partial(algorithm.task_of, hyperparameters), shards)
    if algorithm.supervised:
        decided.schema[SCORE_KIND] = algorithm.score_kind(hyperparameters, decided.target.task).value
    if not decided.in_place and decided.fits_rows(recipe, algorithm.data):
        total += source.size
    if decided.in_place:
        prepared = _pass_through(source, second_source, decided, recipe, algorithm)
    else:
        prepared = _encode(
            source, second_source, inspection, decided, recipe, algorithm, folder, progress, bytes_before, total,
            shards,
        )  # fmt: skip
    return _finish(prepared, source, decided, recipe, algorithm, folder)


def _encode(
    source: Source, second_source: Source | None, inspection: Inspection, decided: Outline, recipe: Recipe,
    algorithm: Algorithm, folder: str, progress: Progress, bytes_before: int, total: int, shards: int,
) -> PreparedData:  # fmt: skip
    """Write the table's rows as channels."""
    profile, schema = decided.profile, decided.schema
    encoder = ChannelEncoder(
        source, inspection, profile, recipe, schema, decided.target, algorithm, folder,
        decided.fits_rows(recipe, algorithm.data), shards,
    )  # fmt: skip
    encoded: EncodedChannels = encoder.run(second_source, lambda done: progress(bytes_before + done, total))
    fixes = validation.describe_changes(profile, recipe, schema, inspection)
    fixes += validation.describe_dropped_rows(encoded.counts)
    return PreparedData(
        encoded.channels, decided.content_type, schema, Facts(), encoded.counts["unlabelled"],
        {"fixes": fixes, "prepared": True, "left_out": left_out_by_itself(recipe, inspection)}, encoded.counts,
    )  # fmt: skip


def _pass_through(
    source: Source, second_source: Source | None, decided: Outline, recipe: Recipe, algorithm: Algorithm
) -> PreparedData:
    """Use the objects unchanged as channels."""
    contract, rows = algorithm.data, decided.profile.rows
    channels = {contract.train: source.uri}
    if second_source and contract.validation:
        channels[contract.validation] = second_source.uri
    counts = {"read": rows, "train": rows, "validation": 0, "test": 0}
    lineage = {"fixes": [], "prepared": False}
    return PreparedData(channels, decided.content_type, decided.schema, Facts(), 0, lineage, counts)


def _finish(
    prepared: PreparedData, source: Source, decided: Outline, recipe: Recipe, algorithm: Algorithm, folder: str
) -> PreparedData:
    counts, target = prepared.counts, decided.target
    check_rows(algorithm, counts["train"])
    layout = sparse_layout(prepared.schema) if prepared.schema["prepared"] else None
    prepared.facts = Facts(
        target.task, len(target.classes), counts["train"], len(prepared.schema["features"]), counts["validation"] > 0,
        layout.size if layout else 0, weighted=any(c["role"] == "weight" for c in prepared.schema["columns"])
        or are_weights_written(target, recipe, algorithm),
        class_counts=class_counts(target, recipe), monotone=monotone_directions(prepared.schema, recipe),
    )  # fmt: skip
    rows = {f["uri"]: f["rows"] for f in decided.profile.files}
    prepared.lineage |= {
        "objects": [
            {"uri": source.name(o), "etag": o.etag, "size": o.size, "rows": rows.get(source.name(o), 0)}
            for o in source.objects
        ],
        "rows": counts["read"],
        "train_rows": counts["train"],
        "validation_rows": counts["validation"],
        "test_rows": counts["test"],
    }
    labelled = counts["train"] + counts["validation"] + counts["test"]
    prepared.schema |= {
        "algorithm": algorithm.name,
        "content_type": prepared.content_type,
        "has_header": False,
        "rows": labelled,
        "train_rows": counts["train"],
        "validation_rows": counts["validation"],
        "test_rows": counts["test"],
        "summaries": column_summaries(decided.profile, prepared.schema["columns"]),
    }
    put_json(source.store, f"{folder}/schema.json", prepared.schema)
    changes = [english(change) for change in prepared.lineage["fixes"]]
    origin = {"uri": source.uri, "etag": source.etag, "objects": prepared.lineage["objects"], "changes": changes}
    put_json(source.store, f"{folder}/{ORIGIN}", {"recipe": recipe.as_json(), "data": origin})
    return prepared
