"""All checks by subject. Importing a module puts its checks into the registry, in the order of the form."""

# ruff: noqa: I001 (the order of the imports is the order of the checks)
from preflight.checks import location, channels, format, cells, columns, target, labels, weights, rows
from preflight.checks import hyperparameters, compute, instance_count, account, image

__all__ = [
    "account",
    "cells",
    "channels",
    "columns",
    "compute",
    "format",
    "hyperparameters",
    "image",
    "instance_count",
    "labels",
    "location",
    "rows",
    "target",
    "weights",
]
