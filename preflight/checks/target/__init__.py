"""The target of a table that the console prepares. The order of the imports is the order of the checks."""

from preflight.checks.target import column, guess, labels

__all__ = ["column", "guess", "labels"]
