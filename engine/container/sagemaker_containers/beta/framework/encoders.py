"""Reads and writes arrays by content type."""

from typing import Any

from sagemaker_containers.beta.framework.errors import UnsupportedFormatError
from script_toolkit import encoders as _own


def decode(obj: Any, content_type: str) -> Any:
    """The array of a body. Raises UnsupportedFormatError."""
    try:
        return _own.decode(obj, content_type)
    except _own.UnsupportedFormat as e:
        raise UnsupportedFormatError(content_type) from e


def encode(array_like: Any, content_type: str) -> Any:
    """The body of an array. Raises UnsupportedFormatError."""
    try:
        return _own.encode(array_like, content_type)
    except _own.UnsupportedFormat as e:
        raise UnsupportedFormatError(content_type) from e
