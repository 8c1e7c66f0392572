"""`python -m tests.fuzz --seconds 600 --seed 0`: random tables, or connections; each failure with its seed."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable
from random import Random

from tests.fuzz import faults, fixes, generate, mutate, truth

EXAMPLES = 3  # failures of one kind that are printed


def known(random: Random) -> str:
    truth.generated(generate.generate(random), random)
    return "true"


def dirty(random: Random) -> str:
    table = faults.dirty(random)
    if table is None:
        return "no text"
    faults.check(table, random)
    return "true"


def real(random: Random) -> str:
    key, body, _changes = mutate.mutated(random)
    return mutate.check(key, body, random)


def noise(random: Random) -> str:
    key, body = mutate.random_bytes(random)
    return mutate.check(key, body, random)


def pressed(random: Random) -> str:
    fixes.press(fixes.start(random), random)
    return "true"


def invocations(random: Random) -> str:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    django.setup()
    from tests.fuzz.invocations import check

    return check(random)


KINDS: dict[str, Callable[[Random], str]] = {
    "known": known,
    "dirty": dirty,
    "real": real,
    "noise": noise,
    "fixes": pressed,
    "invocations": invocations,
}
TABLES = ("known", "dirty", "real", "noise", "fixes")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="CPU seconds to go on for")
    parser.add_argument("--seed", type=int, default=0, help="the first seed; each table has the next")
    parser.add_argument("--kind", choices=KINDS, help="only these, of connections if asked for: invocations")
    parser.add_argument("--once", action="store_true", help="only the first seed, with the traceback")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    failures: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    outcomes: Counter[tuple[str, str]] = Counter()
    seed, began = options.seed, time.process_time()
    while time.process_time() - began < options.seconds:
        kind = options.kind or TABLES[seed % len(TABLES)]
        try:
            outcomes[kind, KINDS[kind](Random(seed))] += 1
        except Exception as e:
            if options.once:
                traceback.print_exc()
            failures[kind, f"{type(e).__name__}: {str(e).partition(':')[0][:60]}"].append((seed, str(e)))
        if options.once:
            break
        seed += 1
    print(f"{seed - options.seed} tables in {time.process_time() - began:.0f} s of CPU: {dict(outcomes)}")
    for (kind, what), result in failures.items():
        print(f"{kind}: {what}: {len(result)} times")
        for one, text in result[:EXAMPLES]:
            print(f"  --kind {kind} --seed {one} --once   {text[:400]}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
