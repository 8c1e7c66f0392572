"""Every family of checks; importing them fills the list, in the order of the form."""

# ruff: noqa: I001 (the order is the list's)
from preflight.checks import location, channels, reading, raw_cells, columns, target, labels, rows
from preflight.checks import hyperparameters, compute, account, image

__all__ = [
    "account",
    "channels",
    "columns",
    "compute",
    "hyperparameters",
    "image",
    "labels",
    "location",
    "raw_cells",
    "reading",
    "rows",
    "target",
]
