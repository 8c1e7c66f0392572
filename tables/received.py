"""Unpickles what a process sent that reads people's files: values, and records and problems of ours, nothing that acts.

A file that takes over the process which reads it must not take over the process that asks.
"""

import io
import pickle
import sys
from dataclasses import is_dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any

from common import messages
from common.problems import Problem

MODULES = {"algorithms.contract"}  # with records of ours, beside those of PACKAGES
PACKAGES = {"common", "evaluation", "jobs", "preflight", "tables"}
PLAIN = {bytearray, complex, date, datetime, Decimal, frozenset, range, set, time, timedelta, timezone}
_PLAIN = {(kind.__module__, kind.__name__): kind for kind in PLAIN}


class Refused(pickle.UnpicklingError):
    """The pickle contains something other than values and our own records."""


def received(data: bytes) -> Any:
    """The unpickled value. Raises Refused, and any other exception for bytes that are no pickle of ours."""
    return _Unpickler(io.BytesIO(data)).load()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """The class that a pickle names, if making one of it does nothing."""
        if plain := _PLAIN.get((module, name)):
            return plain
        is_ours = module in MODULES or module.partition(".")[0] in PACKAGES
        kind = getattr(sys.modules.get(module), name, None) if is_ours else None
        if kind is messages.render_received or (isinstance(kind, type) and _is_record(kind)):
            return kind
        raise Refused(f"{module}.{name} is no record.")


def _is_record(kind: type) -> bool:
    return is_dataclass(kind) or issubclass(kind, (Enum, Problem))
