"""The Python that a checkout runs with."""

import sys
from pathlib import Path


def python_of(checkout: Path) -> str:
    """The Python of the checkout's own .venv, or this one."""
    own = checkout / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable
