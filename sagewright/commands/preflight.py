"""Checks a training job before it starts: `sagewright preflight s3://bucket/train.csv --target churned`.

It prints the findings, then the plan: what the console would launch for the same job.

Exit codes: 0 nothing speaks against it, 1 warnings (with --strict), 2 it would fail or mislead, 3 something could not
be checked, 64 the command line is wrong.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import algorithms
import preflight
from common.panics import panics_as_errors
from common.problems import Problem
from common.s3_uri import is_s3_uri
from jobs.plan import LaunchPlan
from jobs.request import spec_of_request
from jobs.spec import HOUR, JobSpec
from preflight.aws_account import AwsAccount
from sagewright import environment as env
from sagewright import report
from sagewright.accounts import account_of
from sagewright.aws import choose_account, client
from sagewright.commands.arguments import Parser
from sagewright.stores import S3, Here
from tables.failures import failure_text
from tables.inspector import inspect_source
from tables.objects import locate
from tables.recipe import Recipe

CLEAN, WARNED, BLOCKED, UNKNOWN = 0, 1, 2, 3
log = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    """Check the job that `arguments` describe, print the report, return the exit code."""
    options = parser().parse_args(arguments)
    try:
        with panics_as_errors():
            return _check(options)
    except Problem as e:
        print(e.message, file=sys.stderr)
    except Exception as e:
        where = options.data or options.request
        log.exception("the check of %s failed", where)
        print(
            f"{where} could not be checked: {failure_text(e)}. The traceback above tells where the program failed. "
            "Save the table again as plain CSV or Parquet, or look at its beginning only with --quick.",
            file=sys.stderr,
        )
    return UNKNOWN


def _check(options: argparse.Namespace) -> int:
    choose_account()
    try:
        job = _job(options)
    except (OSError, ValueError, Problem) as e:
        parser().error(str(e))
    local = None
    account: Any = None
    if is_s3_uri(job.data_uri):
        store: Any = S3(client("s3"))
        account = None if options.no_account else account_of()
        job.region = job.region or client("s3").meta.region_name
        job.role_arn = job.role_arn or env.raw("ROLE_ARN") or _engine_role(account)
    else:
        local = Here(Path(job.data_uri))
        store, job.data_uri = local, local.uri
        job.channels = {name: local.uri for name in job.channels}
    start = time.perf_counter()
    data = _job_data(job, store, full=not options.quick)
    result = preflight.check(job, data, account)
    result.seconds = time.perf_counter() - start
    plan = None if job.channels else preflight.plan_checked(_named(job), data, result)
    if options.json:
        print(json.dumps(result.as_json() | {"plan": plan and plan.as_json()}, indent=1, default=str))
    else:
        report.show(result, plan, local.path if local else str, everything=options.verbose)
    return _exit_code(result, plan, options.strict)


def _engine_role(account: AwsAccount | None) -> str:
    """The role of the engine's account; "" where Amazon's is asked, which has no usual one."""
    return "" if account is None or account.is_amazon() else env.text("ROLE_ARN")


def _job_data(job: JobSpec, store: Any, full: bool) -> preflight.JobData:
    """What is known of the data of `job`, as the console's form knows it: raw objects are inspected too."""
    data = preflight.read_job_data(job, store, full=full)
    if not (job.recipe.prepare or job.channels):
        supervised = algorithms.get(job.algorithm).supervised
        with suppress(Problem):  # then the plan does not know the table; what is wrong with it is among the findings
            return replace(data, inspection=inspect_source(locate(store, job.data_uri), job.recipe, supervised))
    return data


def _named(job: JobSpec) -> JobSpec:
    """`job` with placeholders for the names that a launch needs and a check does not."""
    return job.but(
        name=job.name or "my-model",
        output_uri=job.output_uri or "s3://bucket/prefix",
        region=job.region or env.text("REGION"),
    )


def _exit_code(result: preflight.Report, plan: LaunchPlan | None, strict: bool) -> int:
    known = any(finding.level == "err" and not finding.unknown for finding in result.findings)
    if known or (plan and plan.problems and not result.blocks):
        return BLOCKED
    if result.unknown:
        return UNKNOWN
    return WARNED if strict and result.counts()["warn"] else CLEAN


def _job(options: argparse.Namespace) -> JobSpec:
    if options.request:
        job = spec_of_request(json.loads(Path(options.request).read_text()))
        if options.target:
            job.recipe.target = options.target
        return job
    if not options.data:
        raise ValueError("say where the data is, or give --request")
    recipe = Recipe.from_json(json.loads(Path(options.recipe).read_text())) if options.recipe else Recipe()
    recipe.target = options.target or recipe.target
    recipe.prepare = recipe.prepare and not options.raw
    recipe.excluded += options.exclude
    recipe.weight = options.weight or recipe.weight
    return JobSpec(
        name=options.job_name,
        algorithm=options.algorithm,
        image_tag=options.image_tag,
        hyperparameters=dict(_pair(text) for text in options.hyperparameter),
        data_uri=options.data,
        recipe=recipe,
        instance_type=options.instance_type,
        instance_count=options.instance_count,
        max_runtime=options.max_runtime,
        cost_limit=options.cost_limit,
        output_uri=options.output.rstrip("/"),
        role_arn=options.role,
        region=options.region,
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ValueError(f"--hyperparameter takes name=value, not {text!r}")
    return name, value


def parser() -> argparse.ArgumentParser:
    """Return the parser of `sagewright preflight`, whose options the reference lists."""
    parser = Parser(
        prog="sagewright preflight", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    option = parser.add_argument
    option("data", nargs="?", default="", help="s3://bucket/key, s3://bucket/prefix/, a file or a folder")
    option("--algorithm", default=algorithms.DEFAULT, choices=sorted(algorithms.ALGORITHMS), help="what will train")
    option("--target", default="", help="the column to predict: its name, or #1 by position")
    option("--exclude", action="append", default=[], metavar="COLUMN", help="leave a column out")
    option("--weight", default="", metavar="COLUMN", help="the column that says how much each row counts")
    option("--raw", action="store_true", help="the container gets these very bytes; nothing is prepared")
    option("--hyperparameter", action="append", default=[], metavar="NAME=VALUE", help="a hyperparameter")
    option("--recipe", default="", metavar="FILE", help="how to read and prepare the table, as JSON")
    option("--request", default="", metavar="FILE", help="a CreateTrainingJob request as JSON; implies --raw")
    option("--image-tag", default="", help="the container's version, for example 1.7-1")
    option("--instance-type", default="ml.m5.large", help="the instance that will train")
    option("--instance-count", type=int, default=1, metavar="N", help="how many instances train")
    option("--max-runtime", type=int, default=HOUR, metavar="SECONDS", help="the training job is stopped after so long")
    option("--cost-limit", type=float, metavar="DOLLARS", help="the training job is stopped when it has cost so much")
    option("--output", default="", metavar="S3_URI", help="where the job writes: s3://bucket/prefix")
    option("--job-name", default="", help="the name of the training job, to see whether it is free")
    option("--role", default="", help="the ARN of the role that SageMaker would run as")
    option("--region", default="", help="the Region of the job; default: that of the AWS variables")
    option("--no-account", action="store_true", help="look at the data only; ask nothing about the account")
    option("--quick", action="store_true", help="only the beginning of the table")
    option("--strict", action="store_true", help="warnings are an exit code of 1")
    option("--json", action="store_true", help="the whole report as JSON")
    option("--verbose", action="store_true", help="also the checks that passed")
    return parser
