"""The format of the bytes. The order of the imports is the order of the checks."""

# ruff: noqa: I001
from preflight.checks.format import table, text, delimiter, header, width, libsvm, parquet

__all__ = ["delimiter", "header", "libsvm", "parquet", "table", "text", "width"]
