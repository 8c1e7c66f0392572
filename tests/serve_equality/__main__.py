"""Every algorithm and every encoding through a real endpoint: rows by name against the artifact on the prepared file.

    python -m tests.serve_equality [--rows 3000] [--seed 0] [--algorithm xgboost] [--labels binary]

A table of thirty columns as people write them, and half as many rows with categories that training did not have. Fails
when one answer differs, or when an encoding of the product was in no case.
"""

from __future__ import annotations

import argparse
import os
import sys

from tests.serve_equality.compare import CASES, compare
from tests.stack import Stack

ENCODINGS = {"number", "boolean", "one-hot", "rank", "code", "bits", "bucket", "date", "index", "slots", "target",
             "tfidf"}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.serve_equality", description=__doc__)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--algorithm", default="", help="only this one")
    parser.add_argument("--labels", default="", help="only these labels: binary, multiclass, many, number")
    options = parser.parse_args()
    observed, differing = set(), 0
    with Stack() as stack:
        os.environ.update(stack.exports)
        for name, tasks in CASES.items():
            for labels in tasks:
                if options.algorithm not in ("", name) or options.labels not in ("", labels):
                    continue
                outcome = compare(name, labels, options.rows, options.seed)
                observed |= outcome.encodings
                differing += len(outcome.differing)
                print(f"{name:24}{labels:12}{outcome.width:7} features  {outcome.rows}  {outcome.unseen} unseen  "
                      f"{len(outcome.differing)} requests differ", flush=True)  # fmt: skip
                for line in outcome.differing[:5]:
                    print(f"    {line}")
    lacking = ENCODINGS - observed if not options.algorithm and not options.labels else set()
    if lacking:
        print(f"no case had the encoding {', '.join(sorted(lacking))}")
    return 1 if differing or lacking else 0


if __name__ == "__main__":
    sys.exit(main())
