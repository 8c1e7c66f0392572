"""The member that bench.sandbox starts: it does nothing. It loads nothing either, for it runs in a sandbox."""

import time
from pathlib import Path


def sleep(root: Path, start: dict) -> int:
    time.sleep(start["seconds"])
    return 0
