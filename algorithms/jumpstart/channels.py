"""Which files a job trains on, and which of its columns are categories; as AWS documents its LightGBM and CatBoost."""

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
TRAIN = ("train", "training")  # two names of one channel


@dataclass(frozen=True)
class Part:
    """The files of one part of the data. `folder` is where categorical_index.json may lie."""

    name: str
    kind: str
    files: tuple[Path, ...]
    compression: str | None
    folder: Path


def where(channel: str) -> str:
    """Where a channel lies in the container, for messages; our own folders are nobody's business."""
    return f"/opt/ml/input/data/{channel}"


def parts(channels: Mapping[str, Channel]) -> tuple[Part, Part | None]:
    """(train, validation or None). Raises UserError.

    With one channel alone, its folders `train/` and `validation/` are the two parts, if there are such folders.
    """
    given = [name for name in TRAIN if name in channels]
    if not given:
        raise UserError("Missing required channel: train")
    if len(given) > 1:
        raise UserError("Channels train and training are two names of the same channel. Keep one of them.")
    for name, channel in channels.items():
        if name not in (*TRAIN, "validation"):
            raise UserError(f"Extraneous channel found: {name}. This algorithm reads train and validation.")
        if channel.input_mode not in ("File", "FastFile"):
            raise UserError(f"Channel {name}: the input mode {channel.input_mode} is not supported. Use File.")
    train = channels[given[0]]
    if "validation" in channels:
        return _part(train), _part(channels["validation"])
    inner = replace(train, path=train.path / "train")
    if not inner.path.is_dir():
        return _part(train), None
    held = replace(train, path=train.path / "validation")
    return _part(inner, train.path), _part(held, train.path) if held.path.is_dir() else None


def categorical(train: Part, features: int) -> list[int]:
    """The places of the categories among the features, from 0 on. Raises UserError in the container's words.

    In the file they count from 1, because the label is column 0.
    """
    found = sorted(train.folder.glob("*.json"))
    if not found:
        return []
    if len(found) > 1:
        raise UserError(
            "Found json files for categorical indexes more than 1. Please ensure there is only one json file."
        )
    try:
        told = json.loads(found[0].read_bytes())
        places = told.get("cat_index_list", next(iter(told.values()), None)) if isinstance(told, dict) else None
    except ValueError as e:
        raise UserError(f"'{found[0].name}' is not JSON: {e}") from e
    if not isinstance(places, list):
        raise UserError(f"'{found[0].name}' must hold {{\"cat_index_list\": [...]}}, a list of column numbers.")
    if any(type(place) is not int for place in places):
        raise UserError(
            "Found non-integer index for categorical feature. "
            f"Please ensure each index is an integer from 1 to {features}."
        )
    if any(not 1 <= place <= features for place in places):
        raise UserError(
            f"Found index for categorical feature smaller than 1 or more than the index of last feature {features}."
        )
    return sorted({place - 1 for place in places})


def _part(channel: Channel, folder: Path | None = None) -> Part:
    kind = KINDS.get(channel.content_type or "text/csv")
    if kind is None:
        raise UserError(
            f"{channel.content_type} is not an accepted ContentType for channel {channel.name}: {', '.join(KINDS)}."
        )
    files = tuple(path for path in data_files(channel) if path.suffix != ".json")
    if not files:
        raise UserError(f"No data in channel {channel.name}: {where(channel.name)} holds no file with rows in it.")
    return Part(channel.name, kind, files, channel.compression, folder or channel.path)
