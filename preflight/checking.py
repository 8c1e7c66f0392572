"""Asks every check: `check` about what is known already, `run` after looking at the data first."""

from __future__ import annotations

import time
from collections.abc import Callable

import algorithms
from common.problems import Problem
from jobs.spec import JobSpec
from preflight import checks  # noqa: F401 (fills the registry)
from preflight.ask import Ask
from preflight.finding import Report
from preflight.raw import RawTable
from preflight.raw_reader import read
from preflight.registry import CHECKS
from preflight.world import World
from tables.inspection import Inspection
from tables.inspector import inspect_source
from tables.objects import Source, locate
from tables.profile import Profile
from tables.scanner import no_progress, scan
from tables.store import Store

Step = Callable[[int, int], None]


def check(
    job: JobSpec,
    found: Inspection | None = None,
    profile: Profile | None = None,
    world: World | None = None,
    raw: dict[str, RawTable] | None = None,
    problems: tuple[Problem, ...] = (),
) -> Report:
    """Every check that applies, on what was read already; reads nothing itself, but asks `world` where it is given.

    `problems` are what stopped the reading. Raises KeyError for an algorithm that there is not.
    """
    start = time.perf_counter()
    ask = Ask(job, found, profile, world, raw or {}, list(problems))
    findings = [finding for one in CHECKS if one.applies(ask) for finding in one.findings(ask)]
    etag = profile.etag if profile else found.etag if found else ""
    return Report(findings, ask.rows, ask.complete, etag, time.perf_counter() - start)


def run(
    job: JobSpec,
    store: Store,
    world: World | None = None,
    step: Step = no_progress,
    *,
    full: bool = True,
    etag: str = "",
) -> Report:
    """Look at the data of `job` in `store`, then check. `step(bytes done, bytes in all)` is called
    every few megabytes; what it raises ends it.

    `full` reads the whole table, else its beginning. `etag` is what was inspected earlier: other data is a finding.
    """
    start = time.perf_counter()
    found, profile, raw, problems = gather(job, store, step, full=full, etag=etag)
    report = check(job, found, profile, world, raw, tuple(problems))
    report.seconds = time.perf_counter() - start
    return report


def gather(
    job: JobSpec, store: Store, step: Step = no_progress, *, full: bool = True, etag: str = ""
) -> tuple[Inspection | None, Profile | None, dict[str, RawTable], list[Problem]]:
    """What is known of the data of `job`: (inspection, profile, raw channels, what stopped the reading)."""
    if not job.recipe.prepare:
        raw, problems = _raw(job, store, step)
        if etag and not problems and all(table.first for table in raw.values()):
            try:
                locate(store, job.data_uri).require_etag(etag)
            except Problem as e:
                problems.append(e)
        return None, None, raw, problems
    try:
        source = locate(store, job.data_uri)
        source.require_etag(etag)
        found = inspect_source(source, job.recipe, algorithms.get(job.algorithm).data.label)
    except Problem as e:
        return None, None, {}, [e]
    if not full:
        return found, None, {}, []
    try:
        return found, _scan(source, job, found, step), {}, []
    except Problem as e:
        return found, None, {}, [e]


def _scan(source: Source, job: JobSpec, found: Inspection, step: Step) -> Profile:
    recipe = job.recipe
    second = recipe.validation == "location" and recipe.validation_uri and recipe.validation_uri != job.data_uri
    other = locate(source.store, recipe.validation_uri) if second else None
    return scan(source, recipe, step, other, found)


def _raw(job: JobSpec, store: Store, step: Step) -> tuple[dict[str, RawTable], list[Problem]]:
    contract = algorithms.get(job.algorithm).data
    channels = job.channels or {contract.train: job.data_uri}
    raw: dict[str, RawTable] = {}
    problems: list[Problem] = []
    for name, uri in channels.items():
        kind = job.content_type(name, contract.content_type)
        try:
            raw[name] = read(store, name, uri, kind, job.compression.get(name, ""), step)
        except Problem as e:
            problems.append(e)
    return raw, problems
