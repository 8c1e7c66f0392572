"""`python -m tests.fuzz [--seconds 60] [--seed 0] [--formats xgboost-json ...]`: fuzzes the validators of model files.

The models are tried in a process of their own. A crash, a hang or an error that is not in words ends it, is reported
with the command that repeats it, and the next model goes on in a new process. Exits with 1 if there was any.
"""

import argparse
import sys

from tests.fuzz.parent import fuzz
from tests.fuzz.seeds import FORMATS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of the first model")
    parser.add_argument("--formats", nargs="*", choices=FORMATS, default=list(FORMATS))
    given = parser.parse_args()
    report = fuzz(given.formats, given.seed, given.seconds, given.first)
    for what, count in sorted(report.outcomes.items()):
        print(f"{count:>8} {what}")
    for failure in report.failures:
        print(failure)
    print(f"{sum(report.outcomes.values())} models, {len(report.failures)} failures")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
