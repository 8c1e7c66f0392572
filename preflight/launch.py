"""The launch plan of a job that was checked: what is sent, and everything that keeps it from being sent."""

from __future__ import annotations

from dataclasses import replace

from common.problems import Problem
from jobs.link import HYPERPARAMETER
from jobs.plan import LaunchPlan, plan_launch
from jobs.spec import JobSpec
from preflight.finding import Finding, Report
from preflight.fixes import RECIPE
from preflight.job_data import JobData


def plan_checked(job: JobSpec, data: JobData, report: Report) -> LaunchPlan:
    """The plan of launching `job` on `data`, given the `report` of its checks.

    The findings that block come first among its problems; what the plan finds by itself is left out when there are
    any, for mostly it is the same. Raises KeyError for an algorithm that does not exist.
    """
    plan = plan_launch(job, data.inspection, data.profile)
    blocking = tuple(as_problem(finding) for finding in report.findings if finding.level == "err")
    return replace(plan, problems=blocking or plan.problems)


def as_problem(finding: Finding) -> Problem:
    """The title and the text of `finding`; for a hyperparameter the container's own message comes first."""
    is_setting = finding.field.startswith(HYPERPARAMETER) and finding.raw
    title = (finding.raw if is_setting else finding.title).rstrip(".")
    return Problem(f"{title}. {finding.text}" if finding.text else f"{title}.", finding.field.removeprefix(RECIPE))
