"""Turns a person's table into what the algorithm takes: label first, numbers only, no header, some rows held out.

Two passes over the stream, a few megabytes at a time: the first decides, the second writes.
"""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from models_app import objective, storage
from models_app.data import batches, schema, survey, task
from models_app.data.inspection import look
from models_app.data.objects import FIELD, Source, locate, split
from models_app.data.split import Split
from models_app.data.table import Inspection
from models_app.problems import Problem

SEED = 0  # any number will do, so long as the same table is always split the same way


@dataclass
class Prepared:
    """Where the algorithm finds its data, and what was learned on the way. `schema` is as `data.schema.build` says."""

    channels: dict[str, str]  # {channel: s3 uri}
    content_type: str
    schema: dict
    hyperparameters: dict[str, str]
    dropped: int  # rows without a label


def prepare(model, folder: str, step: Callable[[], None] = lambda: None) -> Prepared:
    """Prepare the data of `model` under `folder`, an s3://bucket/prefix, and settle its hyperparameters.

    `step` is called every few megabytes; what it raises ends the work. Raises Problem when the table cannot be used.
    """
    source = locate(model.data_uri)
    if model.data_etag and source.etag != model.data_etag:
        raise Problem(f"{model.data_uri} has changed since the model was created. Create the model again.", FIELD)
    found = look(source, model.has_header, model.target)
    names = [column.name for column in found.columns]
    read = survey.take(batches.stream(source, found), names, found.target_suggestion, step)
    if found.format != "libsvm":
        read.check_features()
    settled = _settle(model, read)
    if found.format == "libsvm" or _fits(source, found, read, settled, model.validation_share):
        counts = {"train_rows": read.rows, "validation_rows": 0}
        kind = "text/libsvm" if found.format == "libsvm" else "text/csv"
        ready = Prepared({"train": model.data_uri}, kind, settled.schema | counts, settled.hyperparameters, 0)
    else:
        ready = _rewrite(source, found, read, settled, model.validation_share, folder, step)
    _keep(ready.schema, folder)
    return ready


@dataclass
class _Settled:
    schema: dict
    hyperparameters: dict[str, str]
    counts: dict[int, int]  # {class: rows}


def _settle(model, read: survey.Survey) -> _Settled:
    """Decide task, classes and hyperparameters from the whole target column."""
    target = read.columns[read.target]
    unique = len(target.values) if target.values is not None else survey.MOST_KEPT + 1
    whole = target.values is not None and target.kind == "number" and all(float(v).is_integer() for v in target.values)
    suggested, reason = task.suggest(target.kind, unique, whole)
    wanted = objective.task_of(model.hyperparameters, suggested)
    if not wanted:
        raise Problem(f"Column {target.name} cannot be predicted. {reason}", "target")
    classes: list[str] = []
    if objective.is_classification(wanted):
        if target.values is None:
            raise Problem(f"Column {target.name} has more than {survey.MOST_KEPT:,} different labels.", "target")
        classes = schema.class_names(target)
    check_target(target.name, target.kind, wanted, len(classes), model.hyperparameters)
    types = {"number": "float", "boolean": "binary"}
    made = schema.build(read, {n: types.get(seen.kind, seen.kind) for n, seen in read.columns.items()}, classes, wanted)
    hyperparameters = objective.settle(model.hyperparameters, wanted, len(classes))
    return _Settled(made, hyperparameters, _class_counts(target, classes))


def check_target(name: str, kind: str, wanted: str, classes: int, given: dict[str, str]) -> None:
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
            _upload(files[part], f"{uri}{part}.csv")
            step()
    counts = {"train_rows": rows["train"], "validation_rows": rows["validation"]}
    return Prepared(channels, "text/csv", made | counts, settled.hyperparameters, read.columns[read.target].missing)


def _upload(file: Path, uri: str) -> None:
    bucket, key = split(uri)
    storage.ensure_bucket(bucket)
    with file.open("rb") as body:
        storage.upload(bucket, key, body, "text/csv")


def _keep(made: dict, folder: str) -> None:
    """Put the schema beside the data, where it can travel with the model."""
    bucket, key = split(f"{folder}/schema.json")
    storage.ensure_bucket(bucket)
    with tempfile.SpooledTemporaryFile() as body:
        body.write(json.dumps(made, indent=1).encode())
        body.seek(0)
        storage.upload(bucket, key, body, "application/json")
