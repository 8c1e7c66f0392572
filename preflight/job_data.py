"""Reads the data of a job once, for all checks."""

from __future__ import annotations

from dataclasses import dataclass, field

import algorithms
from common.problems import Problem
from jobs.spec import JobSpec
from preflight.raw_reader import read_channel
from preflight.raw_table import RawTable
from tables.failures import Reading
from tables.inspection import Inspection
from tables.inspector import inspect_source
from tables.objects import Source, locate
from tables.profile import Profile
from tables.scanner import Progress, no_progress, scan
from tables.store import Store


@dataclass
class JobData:
    """What is known of a job's data. Nothing is known by default.

    `inspection` covers the beginning of a table that the console prepares, `profile` all of it. `raw_tables` holds one
    table per channel of a job whose objects go to the container as they are. `problems` ended the reading early.
    """

    inspection: Inspection | None = None
    profile: Profile | None = None
    raw_tables: dict[str, RawTable] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def etag(self) -> str:
        """The version of the data that was read; "" when nothing was."""
        return self.profile.etag if self.profile else self.inspection.etag if self.inspection else ""


def read_job_data(
    job: JobSpec, store: Store, step: Progress = no_progress, *, full: bool = True, etag: str = ""
) -> JobData:
    """Read the data of `job` from `store`, whole or (`full` False) at its beginning.

    `step(bytes read, bytes in all)` is called every few megabytes; what it raises ends the reading. With `etag`, data
    of another version is a problem. A location that cannot be read is a problem too, not an exception. Raises KeyError
    for an algorithm that does not exist. Repeatable: it writes nothing.
    """
    if not job.recipe.prepare:
        return _read_raw(job, store, step, etag)
    try:
        source = locate(store, job.data_uri)
        source.require_etag(etag)
        inspection = inspect_source(source, job.recipe, algorithms.get(job.algorithm).data.label)
    except Problem as e:
        return JobData(problems=[e])
    if not full:
        return JobData(inspection)
    try:
        return JobData(inspection, _profile(source, job, inspection, step))
    except Problem as e:
        return JobData(inspection, problems=[e])


def _profile(source: Source, job: JobSpec, inspection: Inspection, step: Progress) -> Profile:
    recipe = job.recipe
    second = recipe.validation == "location" and recipe.validation_uri and recipe.validation_uri != job.data_uri
    validation = locate(source.store, recipe.validation_uri) if second else None
    return scan(source, recipe, step, validation, inspection)


def _read_raw(job: JobSpec, store: Store, step: Progress, etag: str) -> JobData:
    contract = algorithms.get(job.algorithm).data
    channels = job.channels or {contract.train: job.data_uri}
    data = JobData()
    for name, uri in channels.items():
        content_type = job.content_type(name, contract.content_type)
        try:
            with Reading(uri, step) as progress:
                compression = job.compression.get(name, "")
                data.raw_tables[name] = read_channel(store, name, uri, content_type, compression, progress)
        except Problem as e:
            data.problems.append(e)
    if etag and not data.problems and all(table.first for table in data.raw_tables.values()):
        try:
            locate(store, job.data_uri).require_etag(etag)
        except Problem as e:
            data.problems.append(e)
    return data
