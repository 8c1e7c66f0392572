"""Reads the variables that a deployment may set, which `sagewright.variables` declares.

SAGEWRIGHT_<name>_FILE names a file that has the value, for secrets that shall not stand in the environment.
Only the standard library, and nothing of the application: this loads in other people's processes too.
"""

import os
from pathlib import Path

from sagewright.variables import GROUPS

VARIABLES = {variable.name: variable for group in GROUPS.values() for variable in group}


def raw(name: str) -> str:
    """The value of SAGEWRIGHT_<name>, or of the file that SAGEWRIGHT_<name>_FILE names; "" when unset.

    Raises KeyError for a variable that is not declared, and OSError for a file that cannot be read.
    """
    variable = f"SAGEWRIGHT_{VARIABLES[name].name}"
    if value := os.environ.get(variable, ""):
        return value
    file = os.environ.get(f"{variable}_FILE", "")
    return Path(file).read_text().strip() if file else ""


def text(name: str) -> str:
    """The value of SAGEWRIGHT_<name>, its default when unset or empty. Raises KeyError if it is not declared."""
    return raw(name) or VARIABLES[name].default


def flag(name: str) -> bool:
    """True for 1, true, yes and on."""
    return text(name).lower() in ("1", "true", "yes", "on")


def number(name: str) -> float:
    """The value as a number. Raises ValueError if it is none."""
    return float(text(name))
