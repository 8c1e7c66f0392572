"""Gives LightGBM the OpenMP library it asks the system for, where the system has none.

Its wheel wants `libgomp.so.1`; XGBoost's and scikit-learn's wheels bring that very library under a name of their own.
A copy that carries the wanted name inside (its SONAME) is loaded into the process, and the linker is content: no
package of the system, no LD_LIBRARY_PATH, no second process. The copy is gone from the disk as soon as it is loaded.
"""

from __future__ import annotations

import ctypes
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

WANTED = "libgomp.so.1"
_BUNDLED = ("scikit_learn.libs", "xgboost_cpu.libs", "faiss_cpu.libs")


def provide_openmp() -> None:
    """Load an OpenMP library under the name libgomp.so.1 unless the system has one. Never raises; repeatable."""
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL(WANTED)
    except OSError:
        for path in _bundled():
            if _load_as_wanted(path):
                return


def _bundled() -> list[Path]:
    spec = find_spec("lightgbm")
    site = Path(spec.origin).parents[1] if spec and spec.origin else None
    return [path for folder in _BUNDLED if site for path in sorted((site / folder).glob("libgomp-*.so*"))]


def _load_as_wanted(path: Path) -> bool:
    own, wanted = path.name.encode() + b"\0", WANTED.encode() + b"\0"
    content = path.read_bytes()
    if content.count(own) != 1:  # its own name stands in it once, as its SONAME; else it is built some other way
        return False
    with tempfile.TemporaryDirectory(prefix="openmp-") as folder:
        copy = Path(folder) / WANTED
        copy.write_bytes(content.replace(own, wanted.ljust(len(own), b"\0")))
        try:
            ctypes.CDLL(str(copy), mode=ctypes.RTLD_GLOBAL)
        except OSError:
            return False
    return True
