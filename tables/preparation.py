"""Turns a person's table into what the algorithm takes: label first, numbers only, no header, some rows held out.

Two passes over the stream, a few megabytes at a time: the first decides, the second writes.
"""

import io
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from algorithms.contract import Facts
from algorithms.spec import Algorithm
from common.problems import Problem
from tables import batches, schema, survey, task
from tables.inspection import look
from tables.objects import Source, split
from tables.recipe import Recipe
from tables.split import Split
from tables.store import Store
from tables.table import Inspection

SEED = 0  # any number will do, so long as the same table is always split the same way


@dataclass
class Prepared:
    """Where the algorithm finds its data, and what was learned on the way. `schema` is as `data.schema.build` says."""

    channels: dict[str, str]  # {channel: s3 uri}
    content_type: str
    schema: dict
    hyperparameters: dict[str, str]
    dropped: int  # rows without a label


def prepare(
    source: Source,
    recipe: Recipe,
    algorithm: Algorithm,
    given: Mapping[str, str],
    folder: str,
    step: Callable[[], None] = lambda: None,
) -> Prepared:
    """Prepare the table at `source` under `folder`, an s3://bucket/prefix, and settle the hyperparameters `given`.

    `step` is called every few megabytes; what it raises ends the work. Raises Problem when the table cannot be used.
    """
    found = look(source, recipe)
    names = [column.name for column in found.columns]
    read = survey.take(batches.stream(source, found), names, found.target_suggestion, step)
    if found.format != "libsvm":
        read.check_features()
    settled = _settle(algorithm, given, read)
    share = recipe.validation_share if recipe.validation == "share" else 0.0
    if found.format == "libsvm" or _fits(source, found, read, settled, share):
        counts = {"train_rows": read.rows, "validation_rows": 0}
        kind = "text/libsvm" if found.format == "libsvm" else "text/csv"
        ready = Prepared({"train": source.uri}, kind, settled.schema | counts, settled.hyperparameters, 0)
    else:
        ready = _rewrite(source, found, read, settled, share, folder, step)
    _keep(source.store, ready.schema, folder)
    return ready


@dataclass
class _Settled:
    schema: dict
    hyperparameters: dict[str, str]
    counts: dict[int, int]  # {class: rows}


def _settle(algorithm: Algorithm, given: Mapping[str, str], read: survey.Survey) -> _Settled:
    """Decide task, classes and hyperparameters from the whole target column."""
    target = read.columns[read.target]
    unique = len(target.values) if target.values is not None else survey.MOST_KEPT + 1
    whole = target.values is not None and target.kind == "number" and all(float(v).is_integer() for v in target.values)
    suggested, reason = task.suggest(target.kind, unique, whole)
    wanted = algorithm.task_of(given, suggested)
    if not wanted:
        raise Problem(f"Column {target.name} cannot be predicted. {reason}", "target")
    classes: list[str] = []
    if task.is_classification(wanted):
        if target.values is None:
            raise Problem(f"Column {target.name} has more than {survey.MOST_KEPT:,} different labels.", "target")
        classes = schema.class_names(target)
    check_target(target.name, target.kind, wanted, len(classes), given)
    types = {"number": "float", "boolean": "binary"}
    made = schema.build(read, {n: types.get(seen.kind, seen.kind) for n, seen in read.columns.items()}, classes, wanted)
    hyperparameters = algorithm.settle(given, Facts(wanted, len(classes), read.rows, len(made["features"])))
    return _Settled(made, hyperparameters, _class_counts(target, classes))


def check_target(name: str, kind: str, wanted: str, classes: int, given: Mapping[str, str]) -> None:
    """Raises Problem when a column of `kind` with `classes` labels cannot be the target of the task `wanted`."""
    if wanted == "regression" and kind != "number":
        chosen = given.get("objective")
        why = f"The objective {chosen} predicts a number" if chosen else "A regression predicts a number"
        raise Problem(
            f"{why}, but column {name} holds text. Choose a column of numbers, or an objective for classes such as "
            "multi:softprob.",
            "target",
        )
    if wanted == "binary" and classes != 2:
        raise Problem(
            f"A binary objective takes two labels, but column {name} has {classes}. "
            f"{'Choose multi:softprob.' if classes > 2 else 'Choose a column with two different values.'}",
            "target",
        )
    if wanted == "multiclass" and classes < 2:
        raise Problem(f"Column {name} has one value only, so there is nothing to learn.", "target")
    asked = given.get("num_class", "")
    if wanted == "multiclass" and asked.isdigit() and int(asked) < classes:
        raise Problem(
            f"num_class is {asked}, but column {name} has {classes} labels. Set it to {classes}, or leave it out.",
            "hp-num_class",
        )


def _class_counts(target: survey.Seen, classes: list[str]) -> dict[int, int]:
    if not classes:
        return {0: target.present}
    counts = dict.fromkeys(range(len(classes)), 0)
    place = {name: i for i, name in enumerate(classes)}
    for value, rows in (target.values or {}).items():
        counts[place[f"{float(value):.12g}" if target.kind == "number" else value]] += rows
    return counts


def _fits(source: Source, found: Inspection, read: survey.Survey, settled: _Settled, share: float) -> bool:
    """Is the file already what the algorithm takes, so that it need not be copied?"""
    plain = found.format == "csv" and found.delimiter == "," and found.encoding == "utf-8" and not found.compression
    first = found.columns[0].name == read.target
    numbers = all(seen.kind == "number" and not seen.untidy for seen in read.columns.values())
    labelled = read.columns[read.target].missing == 0
    classes = settled.schema["classes"]
    numbered = classes == [str(i) for i in range(len(classes))]
    return (
        plain
        and not found.has_header
        and first
        and numbers
        and labelled
        and numbered
        and not share
        and source.whole_prefix
    )


def _rewrite(
    source: Source,
    found: Inspection,
    read: survey.Survey,
    settled: _Settled,
    share: float,
    folder: str,
    step: Callable[[], None],
) -> Prepared:
    made, label = settled.schema, "label"
    while label in made["features"]:
        label += "_"
    kind = read.columns[read.target].kind
    row = [schema.label(read.target, kind, made["classes"]).alias(label), *schema.features(made)]
    drawn = Split(settled.counts, share, SEED)
    rows = {"train": 0, "validation": 0}
    with tempfile.TemporaryDirectory() as temporary:
        files = {part: Path(temporary) / f"{part}.csv" for part in rows}
        with files["train"].open("wb") as train, files["validation"].open("wb") as validation:
            for frame in batches.stream(source, found):
                ready = frame.select(row).filter(pl.col(label).is_not_null())
                codes = ready[label].cast(pl.Int64) if made["classes"] else pl.zeros(len(ready), pl.Int64, eager=True)
                held = pl.Series(drawn.mask(codes.to_numpy()))
                for part, file, chosen in (
                    ("train", train, ready.filter(~held)),
                    ("validation", validation, ready.filter(held)),
                ):
                    chosen.write_csv(file, include_header=False, quote_style="never")
                    rows[part] += len(chosen)
                step()
        channels = {part: f"{folder}/{part}/" for part in rows if rows[part]}
        for part, uri in channels.items():
            _upload(source.store, files[part], f"{uri}{part}.csv")
            step()
    counts = {"train_rows": rows["train"], "validation_rows": rows["validation"]}
    return Prepared(channels, "text/csv", made | counts, settled.hyperparameters, read.columns[read.target].missing)


def _upload(store: Store, file: Path, uri: str) -> None:
    with file.open("rb") as body:
        store.put(*split(uri), body, "text/csv")


def _keep(store: Store, made: dict, folder: str) -> None:
    """Put the schema beside the data, where it can travel with the model."""
    store.put(*split(f"{folder}/schema.json"), io.BytesIO(json.dumps(made, indent=1).encode()), "application/json")
