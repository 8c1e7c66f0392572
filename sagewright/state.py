"""The data folder and the Sagewright that runs on it, without Django."""

import json
import os
import sys
from pathlib import Path

from sagewright import environment
from sagewright.application import IN_CHECKOUT, ROOT


def data_folder() -> Path:
    """The folder for everything that outlives a restart; it need not exist yet.

    SAGEWRIGHT_DATA if set, else `.data` in a checkout, else the person's folder for application state: on macOS
    ~/Library/Application Support, elsewhere $XDG_STATE_HOME or ~/.local/state (XDG Base Directory Specification, which
    ignores a relative path).
    """
    if value := environment.raw("DATA"):
        return Path(value).expanduser().resolve()
    if IN_CHECKOUT:
        return (ROOT / ".data").resolve()
    if sys.platform == "darwin":
        state = Path.home() / "Library" / "Application Support"
    else:
        value = os.environ.get("XDG_STATE_HOME", "")
        state = Path(value) if Path(value).is_absolute() else Path.home() / ".local" / "state"
    return (state / "sagewright").resolve()


def running_stack() -> dict:
    """What the supervisor of the data folder says of itself in run/stack.json; {} if none runs."""
    try:
        stack = json.loads((data_folder() / "run" / "stack.json").read_text())
        os.kill(stack["pid"], 0)
    except (OSError, ValueError):
        return {}
    return stack


def secret(name: str) -> str:
    """A generated secret: SAGEWRIGHT_<NAME>, or the file that the first start wrote into the data folder, or ""."""
    if value := environment.raw(name):
        return value
    file = data_folder() / "secrets" / name.lower()
    return file.read_text().strip() if file.exists() else ""
