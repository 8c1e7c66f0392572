"""Tables in object storage: what is in one, and how it becomes what an algorithm takes.

Knows nothing of Django or boto3: whoever asks brings a `Store`.
"""

from tables.inspection import inspect
from tables.objects import Source, locate
from tables.preparation import Prepared, prepare
from tables.recipe import Recipe
from tables.schema import csv_row, prediction
from tables.store import Folder, Object, Store
from tables.table import Column, Inspection

__all__ = [
    "Column",
    "Folder",
    "Inspection",
    "Object",
    "Prepared",
    "Recipe",
    "Source",
    "Store",
    "csv_row",
    "inspect",
    "locate",
    "prediction",
    "prepare",
]
