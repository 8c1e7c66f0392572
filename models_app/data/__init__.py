"""Tables in object storage: what is in one, and how it becomes what an algorithm takes."""

from models_app.data.inspection import inspect
from models_app.data.preparation import Prepared, prepare
from models_app.data.schema import csv_row, prediction
from models_app.data.table import Column, Inspection

__all__ = ["Column", "Inspection", "Prepared", "csv_row", "inspect", "prediction", "prepare"]
