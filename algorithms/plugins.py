"""Discovers algorithms of installed packages by entry point.

A package declares, in its pyproject.toml:

    [project.entry-points."sagewright.algorithms"]
    my-algorithm = "my_package:ALGORITHM"

Every process that imports `algorithms` loads it: the console, the engine, training processes, health checks.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from algorithms.spec import Algorithm

GROUP = "sagewright.algorithms"


def discover(built_in: Mapping[str, Algorithm]) -> dict[str, Algorithm]:
    """Return {name: algorithm} of the installed packages, sorted by entry point name.

    An algorithm of `built_in` cannot be replaced. Never raises: it skips an unusable package and logs why.
    """
    if not _is_mentioned():
        return {}
    # Imported here because every process imports the catalogue, and few have plugins.
    import logging
    from importlib.metadata import entry_points

    log = logging.getLogger(__name__)

    plugins: dict[str, Algorithm] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            algorithm = entry.load()
        except Exception as e:
            log.warning("The algorithm %s (%s) cannot be loaded: %s: %s", entry.name, entry.value, type(e).__name__, e)
            continue
        if not isinstance(algorithm, Algorithm):
            log.warning(
                "The algorithm %s (%s) is left out: it is no algorithms.spec.Algorithm", entry.name, entry.value
            )
        elif algorithm.name in built_in or algorithm.name in plugins:
            log.warning("The algorithm %s (%s) is left out: its name is taken", algorithm.name, entry.value)
        else:
            plugins[algorithm.name] = algorithm
    return plugins


def _is_mentioned() -> bool:
    """True if any installed package has entry points in GROUP. Much faster than importlib.metadata."""
    section = f"[{GROUP}]".encode()
    return any(
        section in file.read_bytes()
        for folder in dict.fromkeys(sys.path)
        for file in Path(folder or ".").glob("*.dist-info/entry_points.txt")
    )
