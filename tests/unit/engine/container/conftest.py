"""The toolkit as it is inside a sandbox: a top-level package."""

import sys

from tests.stack import ROOT

sys.path.insert(0, str(ROOT / "engine" / "container"))
