"""The preflight report of what the Create model form holds, fit for asking again at every change."""

import time

from django.conf import settings
from django.utils.translation import gettext as _

import algorithms
import preflight
from models_app.draft import Draft
from models_app.lake import S3
from models_app.problems import Problem
from preflight import Finding, Job, Report
from tables import Inspection
from tables.profile import Profile

PATIENCE = 8.0  # seconds that reading bytes for a table that is not prepared may take while a person waits


class _Enough(Exception):
    """The bytes take longer to read than a person should wait."""


def job_of(draft: Draft) -> Job:
    """What would be asked of SageMaker. Names stay out: whether they can be had is said while they are typed."""
    return Job(
        algorithm=draft.algorithm if draft.algorithm in algorithms.ALGORITHMS else next(iter(algorithms.ALGORITHMS)),
        hyperparameters=draft.hyperparameters,
        data_uri=draft.data_uri,
        recipe=draft.recipe,
        instance_type=draft.instance_type,
        volume_gb=draft.volume_gb,
        max_runtime=draft.max_runtime,
        region=settings.REGION,
        deploy=draft.deploy_when_done,
        cost_limit=draft.cost_limit,
    )


def report(
    draft: Draft, found: Inspection | None, profile: Profile | None = None, problem: Problem | None = None
) -> Report:
    """Every finding on the table of `draft`: on the whole of it once `profile` is there, else on its beginning."""
    job = job_of(draft)
    if job.recipe.prepare:
        return preflight.check(job, found, profile, problems=(problem,) if problem else ())
    start = time.monotonic()

    def step() -> None:
        if time.monotonic() - start > PATIENCE:
            raise _Enough

    try:
        _found, _profile, raw, problems = preflight.gather(job, S3(), step)
    except _Enough:
        made = preflight.check(job, found, profile)
        return Report([*made.findings, _too_long()], made.rows, False, made.etag)
    return preflight.check(job, found, profile, raw=raw, problems=tuple(problems))


def _too_long() -> Finding:
    title = _("The file is too large to check its bytes while you wait")
    text = _("They are checked before the training job starts, or at once when the console prepares the table.")
    fix = preflight.Fix(_("Let the console prepare the table"), {"recipe.prepare": True})
    return Finding("reading.time", "warn", title, text, "recipe.prepare", fixes=(fix,), unknown=True)
