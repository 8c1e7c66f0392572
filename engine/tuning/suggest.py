"""Suggests the next point of a tuning job by Bayesian optimization: `python -m engine.tuning.suggest`.

It reads {"numbers": [name], "lists": {name: [value]}, "tried": [[point, value or null]], "seed": n, "count": n} from
standard input and prints as many points, the best first. Larger values are better; a null is a job that still runs. It
is a process of its own, for the library takes a second to load and some 100 MB.
"""

import json
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from engine.tuning.ranges import Point, Ranges

SECONDS = 60.0
PROJECT = Path(__file__).resolve().parents[2]


class NoSuggestion(Exception):
    """The process has failed; the message says how."""


def suggest(ranges: Ranges, tried: Sequence[tuple[Point, float | None]], seed: int, count: int = 1) -> list[Point]:
    """`count` points to try next, the best first. Raises NoSuggestion."""
    question = {
        "numbers": [one.name for one in ranges.numbers],
        "lists": {one.name: one.values for one in ranges.lists if len(set(one.values)) > 1},
        "tried": tried,
        "seed": seed,
        "count": count,
    }
    constant: Point = {one.name: one.values[0] for one in ranges.lists}
    if not question["numbers"] and not question["lists"]:
        return [constant] * count
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__], input=json.dumps(question), capture_output=True, text=True,
            timeout=SECONDS, cwd=PROJECT,
        )  # fmt: skip
        points = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as e:
        raise NoSuggestion(str(e)) from e
    return [{**constant, **point} for point in points]


def main() -> int:
    """Answer one question."""
    from bayes_opt import BayesianOptimization

    question = json.load(sys.stdin)
    bounds = {
        **{name: (0.0, 1.0) for name in question["numbers"]},
        **{n: tuple(v) for n, v in question["lists"].items()},
    }
    warnings.simplefilter("ignore")  # of a Gaussian process with few points
    optimizer = BayesianOptimization(
        f=None, pbounds=bounds, random_state=question["seed"], verbose=0, allow_duplicate_points=True
    )
    known = [value for _, value in question["tried"] if value is not None]
    mean = sum(known) / len(known)
    for point, value in question["tried"]:  # one that runs counts as average, so that it is not tried again at once
        optimizer.register({name: point[name] for name in bounds}, mean if value is None else value)
    points = []
    for _ in range(question["count"]):
        point = {n: value if isinstance(value, str) else float(value) for n, value in optimizer.suggest().items()}
        points.append(point)
        optimizer.register(point, mean)
    print(json.dumps(points))
    return 0


if __name__ == "__main__":
    sys.exit(main())
