"""Tables in object storage: what is in one, and how it becomes what an algorithm takes.

Knows nothing of Django or boto3: whoever asks brings a `Store`. What is named here is imported when it is first used,
so that an endpoint that only needs `tables.encode_row` and `tables.predictions` does not load Polars and Arrow.
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
