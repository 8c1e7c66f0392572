"""Runs every check that applies to a job."""

from __future__ import annotations

import time

from jobs.spec import JobSpec
from preflight import checks  # noqa: F401 (fills the registry)
from preflight.account import Account
from preflight.check_context import CheckContext
from preflight.finding import Report
from preflight.job_data import JobData, read_job_data
from preflight.registry import CHECKS
from tables.scanner import Progress, no_progress
from tables.store import Store


def check(job: JobSpec, data: JobData | None = None, account: Account | None = None) -> Report:
    """Run the checks on what is known of the data already, and return their report.

    Reads no data. Queries `account` where it is given; without one, the checks that need it are left out. Raises
    KeyError for an algorithm that does not exist.
    """
    start = time.perf_counter()
    context = CheckContext(job, data or JobData(), account)
    findings = [finding for one in CHECKS if one.applies(context) for finding in one.findings(context)]
    return Report(findings, context.rows, context.complete, context.data.etag, time.perf_counter() - start)


def run(
    job: JobSpec,
    store: Store,
    account: Account | None = None,
    step: Progress = no_progress,
    *,
    full: bool = True,
    etag: str = "",
) -> Report:
    """Read the data of `job` from `store`, run the checks, and return their report with the seconds both took.

    `step`, `full` and `etag` are those of `read_job_data`. Raises what `step` raises, and KeyError for an algorithm
    that does not exist. Repeatable: it writes no_progress.
    """
    start = time.perf_counter()
    report = check(job, read_job_data(job, store, step, full=full, etag=etag), account)
    report.seconds = time.perf_counter() - start
    return report
