"""The package `sagewright` inside a job: a class and its module import from it as they do outside.

What starts jobs is not there; a module that calls it while it is imported gets an object that does nothing.
"""

from sagewright.runtime.model import BaseModel as Model
from sagewright.runtime.table import Column, Table

__all__ = ["Column", "Model", "Table"]


class NotInAJob:
    """Stands for what a job does not have: instances, data sources, handles."""

    def __init__(self, *_args, **_keywords):
        pass


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return NotInAJob
