"""Provides LightGBM's OpenMP library where the system has none.

LightGBM's wheel links to `libgomp.so.1`. The wheels of XGBoost and scikit-learn bundle that library under another name.
This module writes a copy whose SONAME is `libgomp.so.1` and loads it into the process. The dynamic linker then finds
it by name: no system package, no LD_LIBRARY_PATH, no second process. The copy is deleted as soon as it is loaded.
"""

from __future__ import annotations

import ctypes
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

SONAME = "libgomp.so.1"
_BUNDLED = ("scikit_learn.libs", "xgboost_cpu.libs", "faiss_cpu.libs")


def provide_openmp() -> None:
    """Load an OpenMP library under the name libgomp.so.1 unless the system has one. Never raises; repeatable."""
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL(SONAME)
    except OSError:
        for path in _bundled():
            if _load_renamed(path):
                return


def _bundled() -> list[Path]:
    spec = find_spec("lightgbm")
    site = Path(spec.origin).parents[1] if spec and spec.origin else None
    return [path for folder in _BUNDLED if site for path in sorted((site / folder).glob("libgomp-*.so*"))]


def _load_renamed(path: Path) -> bool:
    own_name, soname = path.name.encode() + b"\0", SONAME.encode() + b"\0"
    content = path.read_bytes()
    if content.count(own_name) != 1:  # the SONAME occurs once in a library that is built as expected
        return False
    with tempfile.TemporaryDirectory(prefix="openmp-") as folder:
        copy = Path(folder) / SONAME
        copy.write_bytes(content.replace(own_name, soname.ljust(len(own_name), b"\0")))
        try:
            ctypes.CDLL(str(copy), mode=ctypes.RTLD_GLOBAL)
        except OSError:
            return False
    return True
