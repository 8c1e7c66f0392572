"""Checks and prepares the table of a job as the console does, and works out what its launch sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any, BinaryIO

import algorithms
import preflight
import tables
from jobs.plan import LaunchPlan, job_folder, plan_prepared
from jobs.spec import JobSpec
from sagewright.accounts import account_of
from sagewright.aws import client
from sagewright.planner.refused import Refused
from sagewright.stores import S3
from tables.objects import locate

Progress = Callable[[str, int, int], None]


class WritableS3(S3):
    """The store that preparing writes its channels to."""

    def put(self, bucket: str, key: str, body: BinaryIO, content_type: str) -> None:
        """Write `body` at `key`, in parts if it is large."""
        client("s3").upload_fileobj(body, bucket, key, ExtraArgs={"ContentType": content_type})


def plan_job(stored: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """{"request", "findings", "warnings"} for the JobSpec `stored`. Raises Refused with what preflight found."""
    job = JobSpec.from_json(stored)
    store = WritableS3(client("s3"))
    data = preflight.read_job_data(job, store, partial(progress, "Reading the table"))
    _decide(job, data)
    report = preflight.check(job, data, account_of())
    plan = preflight.plan_checked(job, data, report)
    findings = [asdict(finding) for finding in report.findings]
    if plan.problems:
        raise Refused("PreflightFailed", f"Preflight: {_sentences(report) or plan.problems[0]}", findings)
    plan = _prepared(job, store, data, partial(progress, "Preparing the data"))
    warnings = [f"{finding.title}: {finding.text}" for finding in report.findings if finding.level == "warn"]
    return {"request": plan.training_job(), "findings": findings, "warnings": warnings}


def _decide(job: JobSpec, data: preflight.JobData) -> None:
    """Write header and target, where nobody said them, into the recipe, as the console does when a model is made."""
    if data.inspection is None:
        return
    if job.recipe.has_header is None:
        job.recipe.has_header = data.inspection.has_header
    if algorithms.get(job.algorithm).supervised and not job.recipe.target:
        job.recipe.target = data.inspection.target_suggestion


def _prepared(job: JobSpec, store: S3, data: preflight.JobData, progress: Callable[[int, int], None]) -> LaunchPlan:
    algorithm = algorithms.get(job.algorithm)
    source = locate(store, job.data_uri)
    folder = job_folder(job.output_uri, job.name)
    ready = tables.prepare(
        source, job.recipe, algorithm, folder, progress, data.profile, job.hyperparameters, job.shards
    )
    settled = algorithm.settle(job.hyperparameters, ready.facts)
    return plan_prepared(job, ready.channels, dict.fromkeys(ready.channels, ready.content_type), settled)


def _sentences(report: preflight.Report) -> str:
    """Every finding that blocks: what, where, and the fixes."""
    parts = []
    for finding in report.findings:
        if finding.level == "err":
            where = f" ({finding.file}{f', line {finding.line}' if finding.line else ''})" if finding.file else ""
            fixes = "".join(f" Fix: {fix.label}." for fix in finding.fixes)
            parts.append(f"{finding.title.rstrip('.')}{where}. {finding.text}{fixes}")
    return "\n".join(parts)
