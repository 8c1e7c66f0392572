"""Columns of a table that the console prepares. The order of the imports is the order of the checks."""

# ruff: noqa: I001
from preflight.checks.columns import values, dates, large, features, monotone, remaining

__all__ = ["dates", "features", "large", "monotone", "remaining", "values"]
