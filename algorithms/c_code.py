"""Compiles C of our own where there is a compiler, once on each machine, and loads it.

`python -m algorithms.c_code` compiles all of it, for an image that has no compiler when it runs.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import platform
import subprocess
import sys
import tempfile
from importlib.util import cache_from_source
from pathlib import Path
from typing import NamedTuple

# No number is rounded in another way than written, as in the builds of the libraries that the C is compared with.
_OPTIONS = ("-O3", "-ffp-contract=off", "-fPIC", "-shared")
_COMPILE_SECONDS = 60.0
log = logging.getLogger(__name__)


class Libraries(NamedTuple):
    """The same library twice: its calls keep the interpreter's lock, or give it up to other threads."""

    hasty: ctypes.CDLL
    patient: ctypes.CDLL


def load(source: Path) -> Libraries | None:
    """Load the library of `source`; the first time, compile it beside Python's own compiled modules.

    None where there is no compiler or no right to write there.
    """
    try:
        key = hashlib.sha256(source.read_bytes() + " ".join((platform.machine(), *_OPTIONS)).encode()).hexdigest()[:16]
        built = Path(cache_from_source(str(source))).parent / f"{source.stem}-{key}.so"
        try:
            return _load(built)
        except OSError:  # there is none, or it is damaged or of a machine with another C library
            _compile(source, built)
            return _load(built)
    except (OSError, subprocess.SubprocessError) as e:
        log.info("%s could not be built: %s", source.name, e)
        return None


def _compile(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:  # moved when it is whole: others look for it
        part = Path(folder) / target.name
        command = ["cc", *_OPTIONS, "-o", str(part), str(source), "-lm"]
        subprocess.run(command, check=True, capture_output=True, timeout=_COMPILE_SECONDS, stdin=subprocess.DEVNULL)
        with part.open("rb") as file:
            os.fsync(file.fileno())  # a file that lost its end to a power failure would end each process that loads it
        part.replace(target)


def _load(built: Path) -> Libraries:
    return Libraries(ctypes.PyDLL(str(built)), ctypes.CDLL(str(built)))


def main() -> int:
    """Compile every C file of this package; 1 if one cannot be."""
    sources = sorted(Path(__file__).parent.rglob("*.c"))
    failed = [source.name for source in sources if load(source) is None]
    print(f"{len(sources) - len(failed)} compiled" + (f", not: {', '.join(failed)}" if failed else ""))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
