"""Loads a channel's files into matrices for XGBoost."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from algorithms.contract import Channel, UserError
from algorithms.formats.files import data_files, has_deeper_files, open_data
from algorithms.formats.sparse_width import MAX_COLUMNS, index_problem
from algorithms.formats.wide_index import find_wide_index
from algorithms.library_imports import import_xgboost
from algorithms.xgboost.channels import CSV, LIBSVM, PARQUET, container_path
from algorithms.xgboost.log import info, warning

xgb = import_xgboost()

NO_LABELS = (
    "Got input data without labels. Please check the input data set. If training job is running on multiple instances, "
    "please switch to using single instance if number of records in the data set is less than number of workers "
    "(16 * number of instance) in the cluster."
)

_NO_LIBSVM = "Failed to load libsvm data with exception:"


@dataclass
class TrainingRows:
    """Labelled rows. `features` is a float32 array or a scipy CSR matrix. For libsvm, `matrix` holds everything."""

    label: np.ndarray
    features: Any = None
    weight: np.ndarray | None = None
    matrix: Any = None

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, features)."""
        return (self.matrix.num_row(), self.matrix.num_col()) if self.matrix is not None else self.features.shape

    def take(self, rows: np.ndarray) -> TrainingRows:
        """Return the rows at these positions."""
        if self.matrix is not None:
            return TrainingRows(self.label[rows], matrix=self.matrix.slice(rows))
        weight = self.weight if self.weight is None else self.weight[rows]
        return TrainingRows(self.label[rows], self.features[rows], weight)


def load_channels(channels: list[Channel], kind: str, csv_weights: bool = False, threads: int = 1) -> TrainingRows:
    """Load the rows of the channels, in order. Raises UserError with the container's text."""
    files = [(channel, path) for channel in channels for path in _files(channel)]
    if kind == LIBSVM:
        return _libsvm(files)
    rows = _table(files, kind, csv_weights, threads) if kind in (CSV, PARQUET) else _recordio(files)
    _check_labels(rows, channels)
    return rows


def as_matrix(rows: TrainingRows, params: Mapping[str, Any], reference: Any = None) -> Any:
    """Return a DMatrix for training with `params`. `reference` is the training matrix, for a validation matrix.

    Returns a QuantileDMatrix where trees grow from histograms: half the memory, and exactly the same model as from a
    plain DMatrix (tests compare them).
    """
    if rows.matrix is None and is_histogram(params) and isinstance(rows.features, np.ndarray):
        matrix = xgb.QuantileDMatrix(
            rows.features, rows.label, weight=rows.weight, ref=reference, nthread=params["nthread"],
            max_bin=params.get("max_bin", 256),
        )  # fmt: skip
    else:
        matrix = plain_matrix(rows, params)
    if params.get("objective") == "survival:aft":
        # AFT needs label bounds, but a file has one label per row. Every label counts as uncensored.
        matrix.set_info(label_lower_bound=rows.label, label_upper_bound=rows.label)
    return matrix


def plain_matrix(rows: TrainingRows, params: Mapping[str, Any]) -> Any:
    """Return a DMatrix that can be sliced into rows."""
    return rows.matrix or xgb.DMatrix(rows.features, rows.label, weight=rows.weight, nthread=params["nthread"])


def is_histogram(params: Mapping[str, Any]) -> bool:
    """True if XGBoost 3 grows these trees by histogram, from the training data alone."""
    return (
        params.get("booster", "gbtree") != "gblinear"
        and params.get("tree_method", "auto") in ("auto", "hist")
        and "updater" not in params
        and params.get("process_type", "default") == "default"
        and params.get("max_bin", 256) >= 2
    )


def _files(channel: Channel) -> list[Path]:
    files = data_files(channel)
    if not files:
        part = "training" if channel.name == "train" else channel.name
        raise UserError(f"No data in {part} channel path {container_path(channel.name)}")
    if channel.path.is_dir() and has_deeper_files(channel.path):
        warning(
            f"The depth of folder {container_path(channel.name)} exceed the limit 3. "
            "Files in deeper sub dirs won't be loaded. Please adjust the folder structure accordingly."
        )
    return files


def _table(files: list[tuple[Channel, Path]], kind: str, csv_weights: bool, threads: int) -> TrainingRows:
    # Imported here because not every process that imports this reads a table.
    if kind == CSV:
        from algorithms.formats.csv_table import read_csv, sniff_delimiter

        delimiter = sniff_delimiter(files[0][1], files[0][0].compression)
        info(f"Determined delimiter of CSV input is '{delimiter}'")
        tables = [read_csv(path, delimiter, channel.compression, threads > 1) for channel, path in files]
    else:
        from algorithms.formats.parquet_table import read_parquet

        tables = [read_parquet(path, channel.compression) for channel, path in files]
    for table, (_, path) in zip(tables, files, strict=True):
        if table.shape[1] != tables[0].shape[1]:
            raise UserError(
                f"Failed to load {kind} data with exception:\nfile '{path.name}' has {table.shape[1]} columns, "
                f"file '{files[0][1].name}' has {tables[0].shape[1]}. All files must have the same columns."
            )
    data = tables[0] if len(tables) == 1 else np.concatenate(tables)
    label_columns = 2 if csv_weights and kind == CSV else 1
    if data.shape[1] <= label_columns:
        raise UserError(
            f"Failed to load {kind} data with exception:\n0 feature is supplied: the first column is the label."
        )
    weight = np.ascontiguousarray(data[:, 1]) if label_columns == 2 else None
    return TrainingRows(np.ascontiguousarray(data[:, 0]), data[:, label_columns:], weight)


def _recordio(files: list[tuple[Channel, Path]]) -> TrainingRows:
    from algorithms.formats.recordio import Sparse, read_table

    parts = []
    for channel, path in files:
        with open_data(path, channel.compression) as stream:
            parts.append(stream.read())
    try:
        features, label = read_table(b"".join(parts))
    except (ValueError, OverflowError) as e:
        raise UserError(f"Failed to load recordio-protobuf data with exception:\n{e}") from e
    if isinstance(features, Sparse):
        from scipy.sparse import csr_matrix

        shape = (len(features.starts) - 1, features.width)
        features = csr_matrix((features.values, features.columns, features.starts), shape=shape)
    if not len(label):
        raise UserError(NO_LABELS)
    return TrainingRows(label, features)


def _libsvm(files: list[tuple[Channel, Path]]) -> TrainingRows:
    """Read with XGBoost's own reader, as in the container: label weights, `qid:`, and unchanged indices."""
    for channel, path in files:
        _check_libsvm(path, channel)
        _check_indices(path, channel)
    with tempfile.TemporaryDirectory() as folder:
        # A single plain file is linked, several are joined. A `?` or `#` in the original name would break the URI.
        target = Path(folder) / "data.libsvm"
        if len(files) == 1 and (files[0][0].compression or "None") == "None":
            target.symlink_to(files[0][1].absolute())
        else:
            with target.open("wb") as out:
                for channel, path in files:
                    with open_data(path, channel.compression) as stream:
                        shutil.copyfileobj(stream, out)
                    out.write(b"\n")
        try:
            matrix = xgb.DMatrix(f"{target}?format=libsvm")
        except xgb.core.XGBoostError as e:
            raise UserError(f"{_NO_LIBSVM}\n{error_message(e)}") from e
    if matrix.num_col() > MAX_COLUMNS:  # of an index that only the library takes for one
        raise UserError(f"{_NO_LIBSVM}\n{index_problem('A row', matrix.num_col() - 1)}")
    label = matrix.get_label()
    if not label.size:
        raise UserError(NO_LABELS)
    return TrainingRows(label, matrix=matrix)


def _check_indices(path: Path, channel: Channel) -> None:
    with open_data(path, channel.compression) as stream:
        first = find_wide_index(stream)
    if first:
        line, index = first
        raise UserError(f"{_NO_LIBSVM}\n{index_problem(f'Line {line} of file {path.name!r}', index)}")


def _check_libsvm(path: Path, channel: Channel) -> None:
    """Check the lines up to the first with more than one feature, as the container does."""
    with open_data(path, channel.compression) as stream:
        for raw in stream:
            line = raw.decode("utf-8", "ignore")
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            label = words[0].split(":")
            good = len(label) <= 2 and all(map(_is_number, label)) and all(w.count(":") == 1 for w in words[1:])
            if not good:
                raise UserError(
                    f"First line '{line[:50].rstrip()}...' of file '{path.name}' is not 'LIBSVM' format. "
                    "Please ensure the file is in 'LIBSVM' format."
                )
            if len(words) > 2:
                return


def _check_labels(rows: TrainingRows, channels: list[Channel]) -> None:
    if not len(rows.label):
        raise UserError(NO_LABELS)
    empty = np.flatnonzero(np.isnan(rows.label))
    if len(empty):
        # AWS's container treats an empty label as 0.
        raise UserError(
            f"Got input data without labels. Please check the input data set. Row {empty[0] + 1} of channel "
            f"'{channels[0].name}' has no label in its first column ({len(empty)} such rows)."
        )


def error_message(error: Exception) -> str:
    """Return XGBoost's message without the C++ stack trace."""
    return str(error).split("Stack trace:", 1)[0].strip()


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
