"""Tells uv where pip finds packages on this machine: uv does not read pip's configuration."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path


@cache
def uv_variables(interpreter: str) -> dict[str, str]:
    """Variables of uv for the indexes of pip's configuration; {} when there is no pip to ask, or no such setting."""
    values: dict[str, str] = {}
    for python in dict.fromkeys((sys.executable, interpreter)):
        if values := _configuration(python):
            break
    settings = {
        "UV_INDEX_URL": values.get("index-url", ""),
        "UV_EXTRA_INDEX_URL": " ".join(values.get("extra-index-url", "").split()),
        "UV_FIND_LINKS": ",".join(values.get("find-links", "").split()),
        "UV_INDEX_STRATEGY": "unsafe-best-match" if values else "",  # as pip does it
        "UV_CONSTRAINT": values["constraint"] if Path(values.get("constraint", "")).is_file() else "",
    }
    return {name: value for name, value in settings.items() if value}


def _configuration(python: str) -> dict[str, str]:
    try:
        command = [python, "-m", "pip", "config", "list"]
        listed = subprocess.run(command, capture_output=True, text=True, timeout=30).stdout
        settings = dict(line.split("=", 1) for line in listed.splitlines() if "=" in line)
        return {key.rpartition(".")[2]: str(ast.literal_eval(value)) for key, value in settings.items()}
    except (OSError, ValueError, SyntaxError, subprocess.TimeoutExpired):
        return {}
