"""Lists a job's training files and categorical columns, as AWS documents its LightGBM and CatBoost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from algorithms.contract import Channel, UserError
from algorithms.formats.files import data_files

CSV, PARQUET = "csv", "parquet"
KINDS = {
    "text/csv": CSV, "text/csv;label_size=1": CSV, "csv": CSV, "application/x-parquet": PARQUET, "parquet": PARQUET,
}  # fmt: skip
TRAIN = ("train", "training")  # two names of the same channel


@dataclass(frozen=True)
class Part:
    """The files of the training or validation data. `folder` may hold categorical_index.json."""

    name: str
    kind: str
    files: tuple[Path, ...]
    compression: str | None
    folder: Path


def container_path(channel: str) -> str:
    """Return the channel's path in the container, for messages."""
    return f"/opt/ml/input/data/{channel}"


def parts(channels: Mapping[str, Channel]) -> tuple[Part, Part | None]:
    """Return (train, validation or None). Raises UserError.

    With a single channel, its folders `train/` and `validation/` are the two parts, if they exist.
    """
    names = [name for name in TRAIN if name in channels]
    if not names:
        raise UserError("Missing required channel: train")
    if len(names) > 1:
        raise UserError("Channels train and training are two names of the same channel. Keep one of them.")
    for name, channel in channels.items():
        if name not in (*TRAIN, "validation"):
            raise UserError(f"Extraneous channel found: {name}. This algorithm reads train and validation.")
        if channel.input_mode not in ("File", "FastFile"):
            raise UserError(f"Channel {name}: the input mode {channel.input_mode} is not supported. Use File.")
    train = channels[names[0]]
    if "validation" in channels:
        return _part(train), _part(channels["validation"])
    nested = replace(train, path=train.path / "train")
    if not nested.path.is_dir():
        return _part(train), None
    validation = replace(train, path=train.path / "validation")
    return _part(nested, train.path), _part(validation, train.path) if validation.path.is_dir() else None


def categorical_columns(train: Part, features: int) -> list[int]:
    """Return the feature columns that are categories, counted from 0. Raises UserError with the container's text.

    The file counts from 1, because the label is column 0.
    """
    files = sorted(train.folder.glob("*.json"))
    if not files:
        return []
    if len(files) > 1:
        raise UserError(
            "Found json files for categorical indexes more than 1. Please ensure there is only one json file."
        )
    try:
        content = json.loads(files[0].read_bytes())
        columns = (
            content.get("cat_index_list", next(iter(content.values()), None)) if isinstance(content, dict) else None
        )
    except ValueError as e:
        raise UserError(f"'{files[0].name}' is not JSON: {e}") from e
    if not isinstance(columns, list):
        raise UserError(f"'{files[0].name}' must hold {{\"cat_index_list\": [...]}}, a list of column numbers.")
    if any(type(column) is not int for column in columns):
        raise UserError(
            "Found non-integer index for categorical feature. "
            f"Please ensure each index is an integer from 1 to {features}."
        )
    if any(not 1 <= column <= features for column in columns):
        raise UserError(
            f"Found index for categorical feature smaller than 1 or more than the index of last feature {features}."
        )
    return sorted({column - 1 for column in columns})


def _part(channel: Channel, folder: Path | None = None) -> Part:
    kind = KINDS.get(channel.content_type or "text/csv")
    if kind is None:
        raise UserError(
            f"{channel.content_type} is not an accepted ContentType for channel {channel.name}: {', '.join(KINDS)}."
        )
    files = tuple(path for path in data_files(channel) if path.suffix != ".json")
    if not files:
        raise UserError(
            f"No data in channel {channel.name}: {container_path(channel.name)} holds no file with rows in it."
        )
    return Part(channel.name, kind, files, channel.compression, folder or channel.path)
