"""Where there is no Linux, the package can be imported and says what it has."""

import subprocess
import sys

from sandbox.launch import PROJECT

PROGRAM = """
import sys
sys.platform = "darwin"
from sandbox import enter, hints, interpreter, keeper, launch, level, probe, process, root, walls
from sandbox.spec import Level
assert level.available() is Level.LIMITED
assert "Only Linux" in level.why_not(Level.WALLED)
assert not level.own_code_allowed()
print(level.sentence(Level.LIMITED))
"""


def test_elsewhere_it_is_limited_and_own_code_is_off():
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=PROJECT, env={}, capture_output=True, text=True)
    assert done.stdout == "Nothing walls code in here. Run only code you trust.\n", done.stderr
