"""LightGBM is loaded where the system has no libgomp.so.1."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="LightGBM's wheel asks for libgomp.so.1 on Linux only")

TAKEN = """
import ctypes
from algorithms import openmp
assert any(openmp._load_renamed(path) for path in openmp._bundled())
ctypes.CDLL("libgomp.so.1")  # found by its name among what is loaded, whatever the system has
print(*{line.split(maxsplit=5)[5] for line in open("/proc/self/maps") if "libgomp" in line}, sep="", end="")
"""


def test_a_bundled_library_takes_the_name_that_is_asked_for():
    (loaded,) = subprocess.check_output([sys.executable, "-c", TAKEN], text=True).splitlines()
    assert "openmp-" in loaded and loaded.endswith("libgomp.so.1 (deleted)")


FIND = """
import ctypes
ctypes.CDLL("libgomp.so.1")
print(*{line.split()[-1] for line in open("/proc/self/maps") if "gomp" in line})
"""
MASKED = 'mount --bind /dev/null "$1" && exec "$2" -c "$3"'
LEARN = """
import ctypes
try:
    ctypes.CDLL("libgomp.so.1")
    raise SystemExit("the system's library is still there")
except OSError:
    pass
import numpy as np
from algorithms.library_imports import import_lightgbm
lightgbm = import_lightgbm()
x = np.arange(200.0).reshape(-1, 1)
data = lightgbm.Dataset(x, (x[:, 0] > 100).astype(float))
model = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 2}, data, 20)
low, high = model.predict(np.array([[10.0], [190.0]]))
print(low < 0.1 < 0.9 < high)
"""


def test_lightgbm_trains_where_the_system_has_none():
    system = subprocess.run([sys.executable, "-c", FIND], capture_output=True, text=True).stdout.strip()
    if not system:
        command = [sys.executable, "-c", LEARN]
    else:
        command = ["unshare", "-m", "sh", "-c", MASKED, "sh", system, sys.executable, LEARN]
        try:
            if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
                pytest.skip("this user may not hide the system's library")
        except FileNotFoundError:
            pytest.skip("there is no unshare to hide the system's library with")
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == "True\n", done.stderr


REFUSED = """
import sys
from algorithms import library_imports
from algorithms.contract import AlgorithmFailure
def broken(name, **_):
    raise OSError("libgomp.so.1: cannot open shared object file")
library_imports._import = broken
try:
    library_imports.import_lightgbm()
except AlgorithmFailure as e:
    print(e)
"""


def test_where_it_cannot_be_had_the_words_say_which_package_brings_it():
    output = subprocess.check_output([sys.executable, "-c", REFUSED], text=True)
    assert output.startswith("LightGBM could not be loaded: libgomp.so.1: cannot open") and "libgomp1 (Debian" in output
