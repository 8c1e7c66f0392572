"""Algorithms of installed packages, found by their entry points.

A package declares, in its pyproject.toml:

    [project.entry-points."sagewright.algorithms"]
    my-algorithm = "my_package:ALGORITHM"

Every process that imports `algorithms` finds it: pages, engine, training children, the check of a new model.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from algorithms.spec import Algorithm

GROUP = "sagewright.algorithms"


def discover(known: Mapping[str, Algorithm]) -> dict[str, Algorithm]:
    """{name: algorithm} of the installed packages, in the order of their names; those of `known` cannot be replaced.

    Never raises: a package that cannot be used is left out, and the log says why.
    """
    if not _is_mentioned():
        return {}
    # Imported here because every process pays for what the catalogue imports, and few have such packages.
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
        elif algorithm.name in known or algorithm.name in plugins:
            log.warning("The algorithm %s (%s) is left out: its name is taken", algorithm.name, entry.value)
        else:
            plugins[algorithm.name] = algorithm
    return plugins


def _is_mentioned() -> bool:
    """True if any installed package has entry points in GROUP. Far quicker than to ask importlib.metadata."""
    section = f"[{GROUP}]".encode()
    return any(
        section in file.read_bytes()
        for folder in dict.fromkeys(sys.path)
        for file in Path(folder or ".").glob("*.dist-info/entry_points.txt")
    )
