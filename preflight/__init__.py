"""Checks of a training job before it starts: one library for the form, the launch and the command line.

It imports neither Django nor boto3. A finding names the thing, the rule and the fix. Its level is `err` for what will
fail or train on wrong data, `warn` for what may mislead, `ok` for a check that passed.
"""

from preflight.account import Account, AccountQueryError, Usage
from preflight.finding import Finding, Fix, Report
from preflight.fixes import InvalidFix, apply_fix
from preflight.job_data import JobData, read_job_data
from preflight.launch import as_problem, plan_checked
from preflight.runner import check, run

__all__ = [
    "Account", "AccountQueryError", "Finding", "Fix", "InvalidFix", "JobData", "Report", "Usage", "apply_fix",
    "as_problem", "check", "plan_checked", "read_job_data", "run",
]  # fmt: skip
