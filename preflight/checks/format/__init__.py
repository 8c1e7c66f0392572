"""The format of the bytes. The order of the imports is the order of the checks."""

# ruff: noqa: I001
from preflight.checks.format import table, text, delimiter, header, names, width, libsvm, parquet

__all__ = ["delimiter", "header", "libsvm", "names", "parquet", "table", "text", "width"]
