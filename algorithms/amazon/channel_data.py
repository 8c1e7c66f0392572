"""Loads a channel's files into arrays: CSV without a header, or RecordIO-protobuf, dense or sparse."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from algorithms.contract import Channel, TrainingContext, UserError
from algorithms.formats.files import data_files, is_gzip, open_data
from algorithms.formats.sparse_width import MAX_COLUMNS
from algorithms.spec import Algorithm

CSV, RECORDIO = "text/csv", "application/x-recordio-protobuf"
MAX_CELLS = 1 << 30  # of a sparse table converted to dense: 4 GiB
NO_DATA = (
    "No training data processed. Either the training channel is empty or the mini-batch size is too high. Verify that "
    "training data contains non-empty files and the mini-batch size is less than the number of records per training "
    "host."
)


@dataclass
class ChannelRows:
    """Rows of a channel.

    `features` is a float32 array or a scipy CSR matrix, (rows, features). `labels` is float32 (rows,), or None.
    """

    features: Any
    labels: np.ndarray | None = None

    @property
    def width(self) -> int:
        """The number of features."""
        return self.features.shape[1]

    def __len__(self) -> int:
        return self.features.shape[0]

    def joined(self, other: ChannelRows) -> ChannelRows:
        """Return these labelled rows and those of `other` behind them."""
        assert self.labels is not None and other.labels is not None
        labels = np.concatenate([self.labels, other.labels])
        if isinstance(self.features, np.ndarray):
            return ChannelRows(np.concatenate([self.features, to_dense(other.features)]), labels)
        from scipy.sparse import csr_matrix, vstack

        return ChannelRows(vstack([self.features, csr_matrix(other.features)], format="csr"), labels)


def check_channels(ctx: TrainingContext, algorithm: Algorithm) -> None:
    """Check the names and content types of the channels. Raises UserError with AWS's text."""
    declared = {channel.name: channel for channel in algorithm.channels}
    failed = "Unable to initialize the algorithm. Failed to validate input data configuration. "
    for name, spec in declared.items():
        if spec.required and name not in ctx.channels:
            raise UserError(f"{failed}'{name}' is a required property: a channel of that name is missing.")
    for name, channel in ctx.channels.items():
        if name not in declared:
            raise UserError(
                f"{failed}Additional properties are not allowed ('{name}' was unexpected). "
                f"The channels are: {', '.join(declared)}."
            )
        kind, _ = parse_content_type(channel)
        if kind not in {media_type(accepted) for accepted in declared[name].content_types}:
            types = ", ".join(declared[name].content_types)
            raise UserError(
                f"No iterator has been registered for ContentType ('{channel.content_type}', '1.0'). "
                f"Channel {name} takes {types}."
            )


def load_channel(ctx: TrainingContext, name: str, algorithm: Algorithm, *, labels: bool = True, sparse: bool = False,
         float32_only: bool = False, label_size: int = 1, min_width: int = 0) -> ChannelRows:  # fmt: skip
    """Load the rows of a channel that `check_channels` has accepted. Raises UserError.

    With `labels`, every row needs one. With `sparse`, sparse records stay a CSR matrix. `label_size` is the number of
    label columns of CSV whose content type has no label_size: 1 on AWS, for unsupervised algorithms too. Sparse rows
    get at least `min_width` columns.
    """
    channel = ctx.channels[name]
    files = data_files(channel)
    if not files:
        raise UserError(NO_DATA if name == "train" else f"No data in {name} channel: it is empty.")
    kind, size = parse_content_type(channel)
    try:
        if kind == CSV:
            rows = _csv(channel, files, algorithm.title, label_size if size is None else size, ctx.num_cpus > 1)
        else:
            rows = _recordio(channel, files, float32_only)
    except UserError as e:
        raise UserError(
            f"Unable to read data channel '{name}'. Requested content-type is '{channel.content_type or RECORDIO}'. "
            f"Please verify the data matches the requested content-type. {e}"
        ) from e
    if labels and rows.labels is None:
        raise UserError(f"Channel {name} has no labels, and {algorithm.title} needs one in every row.")
    if rows.width < min_width and not isinstance(rows.features, np.ndarray):
        rows.features.resize(len(rows), min_width)
    if not sparse:
        rows.features = to_dense(rows.features)
    _check_finite(rows if labels else ChannelRows(rows.features), name, algorithm.title)
    return rows


def check_width(
    rows: ChannelRows, name: str, feature_dim: int | None, reference: ChannelRows | None = None
) -> ChannelRows:
    """Return `rows` if their width equals `feature_dim`, or else that of `reference`. Raises UserError otherwise.

    Sparse rows may have fewer columns. They are then widened.
    """
    expected = feature_dim or (reference.width if reference else rows.width)
    if expected > MAX_COLUMNS:  # sparse rows would be widened to it, and the model with them
        raise UserError(
            f"The hyperparameter feature_dim is {expected:,}, and rows have at most {MAX_COLUMNS:,} features. "
            f"The rows of channel {name} have {rows.width:,}. Set feature_dim to that."
        )
    if rows.width < expected and not isinstance(rows.features, np.ndarray):
        rows.features.resize(len(rows), expected)
    if rows.width != expected:
        reason = f"The hyperparameter feature_dim is {expected}"
        if not feature_dim:
            reason = f"The train channel has {expected} features"
        raise UserError(
            f"{reason}, but the rows of channel {name} have {rows.width} features. "
            + (f"Set feature_dim to {rows.width}." if feature_dim and name == "train" else "They must be the same.")
        )
    return rows


def parse_content_type(channel: Channel) -> tuple[str, int | None]:
    """Return (media type, label_size or None) of the channel. No content type means RecordIO, as on AWS.

    Raises UserError for a label_size other than 0 and 1.
    """
    text = (channel.content_type or RECORDIO).lower()
    for option in text.split(";")[1:]:
        key, _, value = option.strip().partition("=")
        if key.strip() == "label_size":
            if value.strip() not in ("0", "1"):
                raise UserError(f"label_size must be 0 or 1, and ContentType {channel.content_type} says {value}.")
            return media_type(text), int(value)
    return media_type(text), None


def media_type(text: str) -> str:
    """Return a content type without its parameters."""
    return text.partition(";")[0].strip().lower()


def to_dense(features: Any) -> np.ndarray:
    """Return `features` as a float32 array, with 0 for missing sparse entries. Raises UserError if it is too large."""
    if isinstance(features, np.ndarray):
        return features
    height, width = features.shape
    if height * width > MAX_CELLS:
        raise UserError(
            f"{height:,} sparse rows of {width:,} features are too large to be written out here. Use Factorization "
            "Machines, which keep them sparse, or fewer features."
        )
    return features.toarray()


def _csv(channel: Channel, files: list[Path], reader: str, label_size: int, threads: bool) -> ChannelRows:
    from algorithms.formats.csv_table import read_csv  # Arrow's reader takes 0.1 s to import

    tables = []
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            if channel.input_mode == "Pipe":
                path = _copy_pipe(path, channel.compression, Path(folder))
            elif channel.compression != "Gzip" and is_gzip(path):
                raise UserError(f"File '{path.name}' is packed with gzip: set CompressionType to Gzip, or unpack it.")
            compression = None if channel.input_mode == "Pipe" else channel.compression
            tables.append(read_csv(path, ",", compression, threads, reader))
            if tables[-1].shape[1] != tables[0].shape[1]:
                raise UserError(
                    f"File '{path.name}' has {tables[-1].shape[1]} columns, file '{files[0].name}' has "
                    f"{tables[0].shape[1]}. All files must have the same columns."
                )
    data = tables[0] if len(tables) == 1 else np.concatenate(tables)
    if not len(data):
        raise UserError(NO_DATA)
    if data.shape[1] <= label_size:
        raise UserError("There is one column only, and it is read as the label: no features are left.")
    if not label_size:
        return ChannelRows(data)
    return ChannelRows(np.ascontiguousarray(data[:, 1:]), np.ascontiguousarray(data[:, 0]))


def _copy_pipe(pipe: Path, compression: str | None, folder: Path) -> Path:
    """Copy a named pipe to a file, because the CSV reader reads it twice."""
    copy = folder / "piped.csv"
    with open_data(pipe, compression) as stream, copy.open("wb") as out:
        shutil.copyfileobj(stream, out)
    return copy


def _recordio(channel: Channel, files: list[Path], float32_only: bool) -> ChannelRows:
    from algorithms.formats.recordio import Sparse, read_frames, read_record, read_table

    parts = []
    for path in files:
        with open_data(path, channel.compression) as stream:
            parts.append(stream.read())
    data = parts[0] if len(parts) == 1 else b"".join(parts)
    try:
        if float32_only and data:
            first = read_record(next(read_frames(data))).features.get("values")
            if first is not None and first.values.dtype != np.float32:
                raise UserError(f"Only Float32 tensors are supported, and the records hold {first.values.dtype} ones.")
        features, labels = read_table(data)
    except (ValueError, OverflowError) as e:
        raise UserError(f"{e}.") from e
    if isinstance(features, Sparse):
        from scipy.sparse import csr_matrix

        shape = (len(features.starts) - 1, features.width)
        features = csr_matrix((features.values, features.columns, features.starts), shape=shape)
        features.sum_duplicates()
    if not features.shape[0]:
        raise UserError(NO_DATA)
    return ChannelRows(features, labels if len(labels) else None)


def _check_finite(rows: ChannelRows, name: str, title: str) -> None:
    """Refuse NaN and infinity. They would make every weight NaN without an error."""
    values = rows.features if isinstance(rows.features, np.ndarray) else rows.features.data
    if rows.labels is not None and not np.isfinite(rows.labels).all():
        at = int(np.flatnonzero(~np.isfinite(rows.labels))[0]) + 1
        raise UserError(f"Row {at} of channel {name} has no label: it is empty or not a finite number.")
    if np.isfinite(values.sum(dtype=np.float64)) and np.isfinite(values).all():
        return
    if values is rows.features:
        row, column = (int(n) + 1 for n in np.argwhere(~np.isfinite(values))[0])
        where = f"Row {row}, feature {column}"
    else:
        where = "A value"
    raise UserError(
        f"{where} of channel {name} is missing or not a finite number. {title} takes no missing values: "
        "fill them, for example with the column's mean."
    )
