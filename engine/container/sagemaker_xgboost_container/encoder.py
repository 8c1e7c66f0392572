"""Reads request bodies into the matrix that a model predicts."""

from typing import Any

from script_toolkit import encoders


def csv_to_dmatrix(string_like: Any, dtype: Any = None) -> Any:
    """The matrix of a body of CSV without a label."""
    text = string_like.decode() if isinstance(string_like, bytes) else string_like
    return encoders.matrix(text, encoders.CSV)


def libsvm_to_dmatrix(string_like: Any) -> Any:
    """The matrix of a body of LibSVM."""
    return encoders.matrix(string_like, encoders.LIBSVM[0])
