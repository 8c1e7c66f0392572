"""Checks of a search before it starts: what SageMaker would refuse, and what would fail every try."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress

import algorithms
from algorithms.contract import InvalidHyperparameters
from algorithms.parameters import Hyperparameter, InvalidValue
from algorithms.spec import Algorithm, Integer
from common.messages import _, ngettext
from common.problems import Problem
from jobs.spec import JobSpec
from jobs.tuning.search import (
    GRID,
    HYPERBAND,
    LOGARITHMIC,
    REVERSE,
    SCALES,
    Range,
    Search,
    can_tune,
    metrics,
    objective,
    strategies,
    tunable,
)

PREFIX = "tune-"  # before the name of a hyperparameter, as the field of a problem
MAX_JOBS, MAX_PARALLEL, MAX_RANGES, MAX_VALUES, MAX_ROUNDS = 750, 100, 30, 30, 20_000  # AWS's limits
MAX_DIGITS = 256  # characters of a number of a range, AWS's limit too
SHORTEST, LONGEST = 120, 15_768_000  # seconds that AWS takes as the limit of a tuning job


def search_problems(spec: JobSpec, search: Search, task: str | None) -> list[Problem]:
    """Why SageMaker would refuse `search` over `spec`, or every try fail; `task` is that of the table, None if unknown.

    The field of a problem is that of the form: a range's is PREFIX and the name of its hyperparameter.
    """
    algorithm = algorithms.ALGORITHMS.get(spec.algorithm)
    if algorithm is None:
        return []  # said of the specification
    if not can_tune(algorithm):
        words = _("%(algorithm)s has nothing to tune. Choose another algorithm.", algorithm=algorithm.title)
        return [Problem(words, "algorithm")]
    problems = [*_of_objective(spec, algorithm, search, task), *_of_ranges(algorithm, search)]
    if not problems:
        problems += _of_ends(spec, algorithm, search)
    return [*problems, *_of_limits(search), *_of_strategy(spec, algorithm, search, bool(problems))]


def _of_objective(spec: JobSpec, algorithm: Algorithm, search: Search, task: str | None) -> Iterator[Problem]:
    if spec.recipe.validation == "none":
        words = _("A tuning job compares its tries on held-out rows. Hold some out under Validation data.")
        yield Problem(words, "validation")
    known = metrics(algorithm, task)
    if task is not None and not known:
        words = _("%(algorithm)s has no metric for this target. Choose another algorithm.", algorithm=algorithm.title)
        yield Problem(words, "algorithm")
    elif search.objective and (
        search.objective not in [m.name for m in known]
        or (task is not None and objective(algorithm, search, task) is None)
    ):
        names = ", ".join(metric.name for metric in known)
        words = _("%(name)s does not fit this table. Choose one of: %(names)s.", name=search.objective, names=names)
        yield Problem(words, "objective")


def _of_ranges(algorithm: Algorithm, search: Search) -> Iterator[Problem]:
    known = {spec.name: spec for spec in tunable(algorithm)}
    if not search.ranges:
        yield Problem(_("Turn on Tune for at least one hyperparameter."), "search")
    if len(search.ranges) > MAX_RANGES:
        words = _("A tuning job varies up to %(most)s hyperparameters. Turn off Tune for some.", most=MAX_RANGES)
        yield Problem(words, "search")
    for name, one in search.ranges.items():
        if name not in known:
            words = _("%(name)s cannot be tuned. Turn off Tune for it.", name=name)
            yield Problem(words, "search")
        elif problem := _of_values(known[name], one) if search.strategy == GRID else _of_range(known[name], one):
            yield Problem(problem, PREFIX + name)


def _of_values(spec: Hyperparameter, one: Range) -> str:
    """What is wrong with the values of Grid; "" if nothing is."""
    if not 1 <= len(one.values) <= MAX_VALUES:
        return _("Name 1 to %(most)s values, separated by commas.", most=MAX_VALUES)
    if problem := next(filter(None, (_unread(spec, text) for text in one.values)), ""):
        return problem
    if len({float(text) for text in one.values}) < len(one.values):
        return _("A value stands there twice. Name each once.")
    return ""


def _of_range(spec: Hyperparameter, one: Range) -> str:
    """What is wrong with a range; "" if nothing is."""
    for text in (one.low, one.high):
        if problem := _unread(spec, text):
            return problem
    low, high = float(one.low), float(one.high)
    if low > high:
        return _("The range begins at %(low)s, above its end %(high)s. Swap them.", low=one.low, high=one.high)
    if one.scale not in SCALES:
        return _("There is no scale %(name)s. Choose one of the list.", name=one.scale)
    if one.scale == LOGARITHMIC and low <= 0:
        return _("A logarithmic scale begins above 0. Enter a larger minimum, or choose a linear scale.")
    if one.scale == REVERSE and not (low >= 0 and high < 1 and not isinstance(spec, Integer)):
        return _("A reverse logarithmic scale is for numbers from 0 up to, but not, 1. Choose another scale.")
    return ""


def _unread(spec: Hyperparameter, text: str) -> str:
    """Why `text` is no number that the hyperparameter takes; "" if it is."""
    is_plain = text.isascii() and "_" not in text and len(text) <= MAX_DIGITS  # Python reads more than AWS does
    with suppress(InvalidValue):
        if is_plain and math.isfinite(spec.parse(text)):
            return ""
    return _("Enter a number: %(range)s.", range=spec.describe_range())


def _of_ends(spec: JobSpec, algorithm: Algorithm, search: Search) -> Iterator[Problem]:
    """What the algorithm says of all lowest and of all highest values together, as far as a range is to blame."""
    reported = set()
    for end in ("low", "high"):
        picked = {n: (r.values[0 if end == "low" else -1] if r.values and search.strategy == GRID else getattr(r, end))
                  for n, r in search.ranges.items()}  # fmt: skip
        try:
            algorithm.parse(spec.hyperparameters | picked)
        except InvalidHyperparameters as e:
            for problem in e.problems:
                if problem.name in search.ranges and problem.name not in reported:
                    reported.add(problem.name)
                    yield Problem(problem.message, PREFIX + problem.name)


def _of_limits(search: Search) -> Iterator[Problem]:
    if search.strategy == GRID and search.jobs > MAX_JOBS:
        words = _(
            "The grid has %(n)s combinations, and a tuning job up to %(most)s tries. Name fewer values.",
            n=f"{search.jobs:,}", most=MAX_JOBS,
        )  # fmt: skip
        yield Problem(words, "search")
    if search.strategy != GRID and not 1 <= search.max_jobs <= MAX_JOBS:
        yield Problem(_("Enter 1 to %(most)s tries.", most=MAX_JOBS), "max_jobs")
    if not 1 <= search.max_parallel <= MAX_PARALLEL:
        yield Problem(_("Enter 1 to %(most)s tries at a time.", most=MAX_PARALLEL), "max_parallel")
    if search.max_runtime and not SHORTEST <= search.max_runtime <= LONGEST:
        words = _("Enter %(least)s minutes or more, up to %(most)s, or leave it empty.",
                  least=SHORTEST // 60, most=LONGEST // 60)  # fmt: skip
        yield Problem(words, "total_minutes")


def _of_strategy(spec: JobSpec, algorithm: Algorithm, search: Search, is_wrong: bool) -> Iterator[Problem]:
    if search.strategy not in strategies(algorithm):
        words = _(
            "%(name)s does not fit %(algorithm)s. Choose another strategy.",
            name=search.strategy,
            algorithm=algorithm.title,
        )
        yield Problem(words, "strategy")
    elif search.strategy == HYPERBAND:
        rounds = algorithm.log.rounds
        if rounds in search.ranges:
            words = _("Hyperband decides how many rounds a try gets. Turn off Tune for %(name)s.", name=rounds)
            yield Problem(words, PREFIX + rounds)
        elif not 1 <= most_rounds(spec, algorithm) <= MAX_ROUNDS:
            words = _("Hyperband needs %(name)s from 1 to %(most)s.", name=rounds, most=f"{MAX_ROUNDS:,}")
            yield Problem(words, "strategy")
    elif search.strategy != GRID and not is_wrong and (count := _combinations(algorithm, search)) < search.max_jobs:
        words = ngettext(
            "The ranges have %(n)s combination, fewer than tries. Ask for fewer tries, or widen a range.",
            "The ranges have %(n)s combinations, fewer than tries. Ask for fewer tries, or widen a range.",
            int(count),
        )
        yield Problem(words, "max_jobs")


def most_rounds(spec: JobSpec, algorithm: Algorithm) -> int:
    """The rounds that a job of `spec` has at most; 0 if it does not say."""
    name = algorithm.log.rounds
    default = algorithm.hyperparameter(name).default if name else None
    text = spec.hyperparameters.get(name) or ("" if default is None else str(default))
    return int(text) if text.isdecimal() and len(text) <= MAX_DIGITS else 0


def _combinations(algorithm: Algorithm, search: Search) -> float:
    count = 1.0
    for name, one in search.ranges.items():
        is_whole = isinstance(algorithm.hyperparameter(name), Integer)
        count *= float(one.high) - float(one.low) + 1 if is_whole or one.low == one.high else math.inf
    return count
