"""Turns a person's table into what an algorithm takes: label first, numbers only, no header, some rows held out.

Two passes over the stream, a few megabytes at a time: the first decides, the second writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from algorithms.contract import Facts
from algorithms.spec import Algorithm
from tables import validation
from tables.channel_writer import put_json
from tables.encode_channels import Rewrite, Written
from tables.inspection import Inspection
from tables.inspector import look
from tables.objects import Source, locate
from tables.outline import Outline, check_rows, outline
from tables.profile import Profile
from tables.recipe import Recipe
from tables.scanner import nothing, scan


@dataclass
class Prepared:
    """Where the algorithm finds its data, and what was learned on the way. `schema` is as `tables.schema` says.

    `lineage` is {"objects": [{"uri", "etag", "size", "rows"}], "rows", "fixes": [sentence], "prepared": bool}.
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
        """What was done to the table, as sentences."""
        return list(self.lineage.get("fixes", ()))


def prepare(
    source: Source,
    recipe: Recipe,
    algorithm: Algorithm,
    folder: str,
    step: Callable[[int, int], None] = nothing,
    profile: Profile | None = None,
    choose_task: Callable[[str], str] = str,
) -> Prepared:
    """Prepare the table at `source` under `folder`, an s3://bucket/prefix, for what `algorithm` takes.

    `choose_task(suggested)` is the task to prepare for, given the one that the target suggests ("" when it cannot be
    predicted): binary, multiclass, regression, or "" for none.

    `step(bytes done, bytes in all)` is called every few megabytes; what it raises ends the work. A `profile` that a
    scan of the same objects under the same recipe made spares the first pass. Raises Problem when the table cannot be
    used, naming the file, the row, the column, the value and the fix.
    """
    found = look(source, recipe, algorithm.supervised)
    second = locate(source.store, recipe.validation_uri) if recipe.validation == "location" else None
    passes = 1 + (profile is None) + (recipe.validation == "time")
    total = passes * source.size + (second.size if second else 0)
    before = 0
    if profile is None or not profile.complete or profile.etag != source.etag:
        profile = scan(source, recipe, lambda done, _: step(done, total), found=found)
        before = source.size
    outlined = outline(found, profile, recipe, algorithm, choose_task)
    if outlined.in_place:
        ready = _as_they_are(source, second, outlined, recipe, algorithm)
    else:
        ready = _written(source, second, found, outlined, recipe, algorithm, folder, step, before, total)
    return _finish(ready, source, outlined, algorithm, folder)


def _written(
    source: Source, second: Source | None, found: Inspection, outlined: Outline, recipe: Recipe,
    algorithm: Algorithm, folder: str, step: Callable[[int, int], None], before: int, total: int,
) -> Prepared:  # fmt: skip
    profile, made = outlined.profile, outlined.schema
    fixes = validation.sentences(profile, recipe, made, found)
    rewrite = Rewrite(source, found, profile, recipe, made, outlined.settled, algorithm, folder)
    written: Written = rewrite.run(second, lambda done: step(before + done, total))
    fixes += validation.left_out(written.counts)
    return Prepared(
        written.channels, outlined.content_type, made, Facts(), written.counts["unlabelled"],
        {"fixes": fixes, "prepared": True}, written.counts,
    )  # fmt: skip


def _as_they_are(
    source: Source, second: Source | None, outlined: Outline, recipe: Recipe, algorithm: Algorithm
) -> Prepared:
    """The objects themselves as channels."""
    contract, rows = algorithm.data, outlined.profile.rows
    channels = {contract.train: source.uri}
    if second and contract.validation:
        channels[contract.validation] = second.uri
    counts = {"read": rows, "train": rows, "validation": 0}
    lineage = {"fixes": [], "prepared": False}
    return Prepared(channels, outlined.content_type, outlined.schema, Facts(), 0, lineage, counts)


def _finish(ready: Prepared, source: Source, outlined: Outline, algorithm: Algorithm, folder: str) -> Prepared:
    counts, settled = ready.counts, outlined.settled
    check_rows(algorithm, counts["train"])
    ready.facts = Facts(
        settled.task, len(settled.classes), counts["train"], len(ready.schema["features"]), counts["validation"] > 0
    )
    rows = {f["uri"]: f["rows"] for f in outlined.profile.files}
    ready.lineage |= {
        "objects": [
            {"uri": source.name(o), "etag": o.etag, "size": o.size, "rows": rows.get(source.name(o), 0)}
            for o in source.objects
        ],
        "rows": counts["read"],
        "train_rows": counts["train"],
        "validation_rows": counts["validation"],
    }
    labelled = counts["train"] + counts["validation"]
    ready.schema |= {
        "algorithm": algorithm.name,
        "content_type": ready.content_type,
        "has_header": False,
        "rows": labelled,
        "train_rows": counts["train"],
        "validation_rows": counts["validation"],
    }
    put_json(source.store, f"{folder}/schema.json", ready.schema)
    return ready
