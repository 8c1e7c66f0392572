"""Reads a channel into the matrix that a script trains on."""

import io
import tempfile
from pathlib import Path
from typing import Any

from script_toolkit import encoders

LIBSVM, CSV, PARQUET = ("libsvm", *encoders.LIBSVM), ("csv", "text/csv"), ("parquet", "application/x-parquet")


def get_dmatrix(data_path: str | None, content_type: str, csv_weights: int = 0, **_: Any) -> Any:
    """The matrix of a file, or of all files in a folder, with the label first; None where there is no data.

    With `csv_weights` the second column of CSV is the weight. Raises ValueError for a content type that is none.
    """
    top = Path(data_path) if data_path else None
    if top is None or not top.exists():
        return None
    files = [top] if top.is_file() else sorted(p for p in top.rglob("[!._]*") if p.is_file())
    if not files:
        return None
    kind = content_type.partition(";")[0].strip().lower()
    if kind in LIBSVM:
        return _sparse(files)
    if kind not in (*CSV, *PARQUET):
        raise ValueError(f"{content_type} is not an accepted ContentType: {', '.join((*LIBSVM, *CSV, *PARQUET))}.")
    return _labelled(files, kind in PARQUET, bool(csv_weights) and kind in CSV)


def _sparse(files: list[Path]) -> Any:
    import xgboost

    with tempfile.NamedTemporaryFile(suffix=".libsvm") as joined:  # the library reads labels and weights from a file
        for path in files:
            joined.write(path.read_bytes() + b"\n")
        joined.flush()
        return xgboost.DMatrix(f"{joined.name}?format=libsvm")


def _labelled(files: list[Path], is_parquet: bool, is_weighted: bool) -> Any:
    import pandas as pd
    import xgboost

    if is_parquet:
        table = pd.concat([pd.read_parquet(path) for path in files])
    else:
        table = pd.read_csv(io.BytesIO(b"\n".join(path.read_bytes() for path in files)), header=None)
    values = table.to_numpy(dtype="float32")
    weight = values[:, 1] if is_weighted else None
    return xgboost.DMatrix(values[:, 2 if is_weighted else 1 :], label=values[:, 0], weight=weight)
