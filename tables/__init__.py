"""Reads tables in object storage and prepares them for an algorithm.

Knows neither Django nor boto3: the caller passes a `Store`. The names below are imported on first use, so that an
endpoint that needs only `tables.encode_row` and `tables.predictions` does not load Polars and Arrow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tables.encode_row import RowEncoder
    from tables.inspection import Column, Inspection
    from tables.inspector import inspect
    from tables.objects import Source, locate
    from tables.preparation import PreparedData, prepare
    from tables.profile import Profile
    from tables.recipe import Recipe
    from tables.scanner import scan
    from tables.store import Folder, Object, Store

_HOMES = {
    "Column": "inspection", "Folder": "store", "Inspection": "inspection", "Object": "store",
    "PreparedData": "preparation", "Profile": "profile", "Recipe": "recipe", "RowEncoder": "encode_row",
    "Source": "objects", "Store": "store", "inspect": "inspector", "locate": "objects", "prepare": "preparation",
    "scan": "scanner",
}  # fmt: skip

__all__ = [
    "Column", "Folder", "Inspection", "Object", "PreparedData", "Profile", "Recipe", "RowEncoder", "Source", "Store",
    "inspect", "locate", "prepare", "scan",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"tables.{_HOMES[name]}"), name)
