"""Speed of this checkout as a multiple of another one's: `python -m bench.versions OTHER [--only pages,serving]`.

OTHER is the folder of a checkout, such as a worktree of an earlier version. It runs with the Python of its .venv, if it
has one, else with this one.
Both versions run at the same time, each as a whole stack, and are measured in turn, round by round, so that a busy
machine slows both. A ratio is this checkout's figure divided by the other's: of times and of processor time less is
better, of requests a second more. Everything but the rows of the pages goes over the wire, which no version changes.
"""

import argparse
import contextlib
import os
import sys
import time
from pathlib import Path

from bench.versions import pages, serving, tables, training
from bench.versions.interpreter import python_of
from tests.stack import Stack

MEASURES = {"tables": tables, "serving": serving, "training": training, "pages": pages}


def main() -> None:
    parser = argparse.ArgumentParser(description="This checkout beside another one.")
    parser.add_argument("other", type=Path, help="the folder of the other checkout")
    parser.add_argument("--only", default=",".join(MEASURES), help=f"of {', '.join(MEASURES)}")
    options = parser.parse_args()
    other = options.other.resolve()
    names = options.only.split(",")
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # so that a run that is cut off has printed
    if unknown := {*names} - {*MEASURES}:
        parser.error(f"There is no measure {', '.join(sorted(unknown))}. There are {', '.join(MEASURES)}.")
    if not (other / "manage.py").exists():
        parser.error(f"{other} is no checkout: it has no manage.py.")
    if "tables" in names:
        tables.compare(other)
    if stacked := [name for name in names if name != "tables"]:
        with contextlib.ExitStack() as running:
            command = (python_of(other), str(other / "manage.py"))
            both = {"other": Stack(command=command, where=other), "this": Stack()}
            for version, stack in both.items():
                began = time.monotonic()
                running.enter_context(stack)
                print(f"the {version} version's stack is up after {time.monotonic() - began:.0f} s")
            for name in stacked:
                print(f"{name}: begins at a load of {os.getloadavg()[0]:.1f}")
                MEASURES[name].compare(both)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
