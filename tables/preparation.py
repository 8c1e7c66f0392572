"""Turns a person's table into what an algorithm takes: label first, numbers only, no header, some rows held out.

Two passes over the stream, a few megabytes at a time: the first decides, the second writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from algorithms.contract import Facts
from algorithms.spec import Algorithm
from common.messages import _
from common.problems import Problem
from tables import schema, target, validation
from tables.channel_writer import put_json
from tables.encode_channels import Rewrite, Written
from tables.inspection import Inspection
from tables.inspector import look
from tables.objects import LOCATION, Source, locate
from tables.profile import Profile
from tables.recipe import Recipe
from tables.scanner import nothing, scan
from tables.target import Settled

_KINDS = {
    "libsvm": "text/libsvm", "parquet": "application/x-parquet", "jsonlines": "application/jsonlines",
}  # fmt: skip


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
    profile.target = found.target_suggestion
    settled = target.settle(profile, algorithm.supervised, choose_task)
    if not recipe.prepare or found.format == "libsvm":
        ready = _as_they_are(source, second, found, profile, settled, recipe, algorithm)
    else:
        validation.check(profile, recipe)
        ready = _made(source, second, found, profile, settled, recipe, algorithm, folder, step, before, total)
    return _finish(ready, source, profile, settled, algorithm, folder)


def _made(
    source: Source, second: Source | None, found: Inspection, profile: Profile, settled: Settled, recipe: Recipe,
    algorithm: Algorithm, folder: str, step: Callable[[int, int], None], before: int, total: int,
) -> Prepared:  # fmt: skip
    contract = algorithm.data
    made = schema.build(profile, contract, settled.classes, settled.task, tuple(recipe.excluded))
    _check_width(made, algorithm)
    fixes = validation.sentences(profile, recipe, made, found)
    if _fits(source, found, profile, made, recipe, algorithm):
        rows = profile.rows
        channels = {contract.train: source.uri}
        counts = {"read": rows, "train": rows, "validation": 0}
        return Prepared(channels, contract.content_type, made, Facts(), 0, {"fixes": [], "prepared": False}, counts)
    rewrite = Rewrite(source, found, profile, recipe, made, settled, algorithm, folder)
    written: Written = rewrite.run(second, lambda done: step(before + done, total))
    fixes += validation.left_out(written.counts)
    return Prepared(
        written.channels, contract.content_type, made, Facts(), written.counts["unlabelled"],
        {"fixes": fixes, "prepared": True}, written.counts,
    )  # fmt: skip


def _as_they_are(
    source: Source, second: Source | None, found: Inspection, profile: Profile, settled: Settled, recipe: Recipe,
    algorithm: Algorithm,
) -> Prepared:  # fmt: skip
    """The objects themselves as channels: because a person says so, or because LibSVM is what the algorithm reads."""
    contract = algorithm.data
    kind = _KINDS.get(found.format, contract.content_type if "csv" in contract.content_type else "text/csv")
    taken = {t for channel in algorithm.channels for t in channel.content_types}
    if recipe.prepare and taken and kind not in taken:
        raise Problem(
            _(
                "%(title)s does not read LibSVM. Save the table as CSV or Parquet and upload that.",
                title=algorithm.title,
            ),
            LOCATION,
        )
    if found.format == "libsvm":
        made = schema.as_they_are(profile, settled.classes, settled.task, contract.label)
        made["features"] = []
    else:
        made = schema.as_they_are(profile, settled.classes, settled.task, contract.label)
    channels = {contract.train: source.uri}
    if second and contract.validation:
        channels[contract.validation] = second.uri
    counts = {"read": profile.rows, "train": profile.rows, "validation": 0}
    return Prepared(channels, kind, made, Facts(), 0, {"fixes": [], "prepared": False}, counts)


def _finish(
    ready: Prepared, source: Source, profile: Profile, settled: Settled, algorithm: Algorithm, folder: str
) -> Prepared:
    counts, contract = ready.counts, algorithm.data
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
    ready.facts = Facts(
        settled.task, len(settled.classes), counts["train"], len(ready.schema["features"]), counts["validation"] > 0
    )
    rows = {f["uri"]: f["rows"] for f in profile.files}
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


def _check_width(made: Mapping[str, Any], algorithm: Algorithm) -> None:
    width, most = len(made["features"]), algorithm.data.most_features
    if not width:
        raise Problem(_("No column is left to learn from. Take back in one that was left out."), LOCATION)
    if most and width > most:
        wide = max((c for c in made["columns"] if c["role"] == "feature"), key=lambda c: len(c["features"]))
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


def _fits(
    source: Source, found: Inspection, profile: Profile, made: Mapping[str, Any], recipe: Recipe, algorithm: Algorithm
) -> bool:
    """Is the file already what the algorithm takes, so that it need not be copied?"""
    contract, classes = algorithm.data, made["classes"]
    plain = profile.plain and found.format == "csv" and found.delimiter == "," and found.encoding == "utf-8"
    shape = not found.has_header and not found.compression and source.whole_prefix and "csv" in contract.content_type
    first = not contract.label or found.columns[0].name == profile.target
    numbers = all(c.kind == "number" and not c.untidy and not c.numbers_as for c in profile.columns)
    whole = not profile.ragged_count and not profile.undecodable and not profile.blank_lines
    target = profile.column(profile.target)
    labelled = not contract.label or (target is not None and not target.missing)
    numbered = not contract.label or classes == [str(i) for i in range(len(classes))]
    missing = contract.missing == "native" or not any(c.missing for c in profile.columns)
    unchanged = not any("shift" in c or c["role"] == "excluded" for c in made["columns"])
    held = recipe.validation == "none" or (recipe.validation == "share" and not recipe.validation_share)
    held = held or not contract.validation
    kept = recipe.duplicates == "keep" or not profile.duplicates
    return all((plain, shape, first, numbers, whole, labelled, numbered, missing, unchanged, held, kept))
