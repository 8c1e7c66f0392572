"""The location of the data. The order of the imports is the order of the checks."""

# ruff: noqa: I001
from preflight.checks.location import data, access, keys, validation

__all__ = ["access", "data", "keys", "validation"]
