"""Checks a training job before it starts: `sagewright preflight s3://bucket/train.csv --target churned`.

Exit codes: 0 nothing speaks against it, 1 warnings (with --strict), 2 it would fail or mislead, 3 something could not
be checked, 64 the command line is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import algorithms
import preflight
from common.problems import Problem
from common.s3_uri import is_s3_uri
from jobs.request import spec_of_request
from jobs.spec import JobSpec
from preflight.aws_account import AwsAccount
from sagewright import report
from sagewright.aws import choose_account, client
from sagewright.commands.arguments import Parser
from sagewright.stores import S3, Here
from tables.recipe import Recipe

CLEAN, WARNED, BLOCKED, UNKNOWN = 0, 1, 2, 3


def main(arguments: list[str]) -> int:
    """Check the job that `arguments` describe, print the report, return the exit code."""
    options = parser().parse_args(arguments)
    choose_account()
    try:
        job = _job(options)
    except (OSError, ValueError, Problem) as e:
        parser().error(str(e))
    local = None
    account: Any = None
    if is_s3_uri(job.data_uri):
        store: Any = S3(client("s3"))
        account = None if options.no_account else AwsAccount(client)
        job.region = job.region or client("s3").meta.region_name
    else:
        local = Here(Path(job.data_uri))
        store, job.data_uri = local, local.uri
        job.channels = {name: local.uri for name in job.channels}
    try:
        result = preflight.run(job, store, account, full=not options.quick)
    except Problem as e:
        print(e.message, file=sys.stderr)
        return UNKNOWN
    if options.json:
        print(json.dumps(result.as_json(), indent=1, default=str))
    else:
        report.show(result, local.path if local else str, everything=options.verbose)
    return _exit_code(result, options.strict)


def _exit_code(result: preflight.Report, strict: bool) -> int:
    if result.blocks:
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
    return JobSpec(
        name=options.job_name,
        algorithm=options.algorithm,
        image_tag=options.image_tag,
        hyperparameters=dict(_pair(text) for text in options.hyperparameter),
        data_uri=options.data,
        recipe=recipe,
        instance_type=options.instance_type,
        role_arn=options.role,
        region=options.region,
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ValueError(f"--hyperparameter takes name=value, not {text!r}")
    return name, value


def parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="sagewright preflight", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    option = parser.add_argument
    option("data", nargs="?", default="", help="s3://bucket/key, s3://bucket/prefix/, a file or a folder")
    option("--algorithm", default=algorithms.DEFAULT, choices=sorted(algorithms.ALGORITHMS), help="what will train")
    option("--target", default="", help="the column to predict: its name, or #1 by position")
    option("--exclude", action="append", default=[], metavar="COLUMN", help="leave a column out")
    option("--raw", action="store_true", help="the container gets these very bytes; nothing is prepared")
    option("--hyperparameter", action="append", default=[], metavar="NAME=VALUE", help="a hyperparameter")
    option("--recipe", default="", metavar="FILE", help="how to read and prepare the table, as JSON")
    option("--request", default="", metavar="FILE", help="a CreateTrainingJob request as JSON; implies --raw")
    option("--image-tag", default="", help="the container's version, for example 1.7-1")
    option("--instance-type", default="ml.m5.large", help="the instance that will train")
    option("--job-name", default="", help="the name of the training job, to see whether it is free")
    option("--role", default="", help="the ARN of the role that SageMaker would run as")
    option("--region", default="", help="the Region of the job; default: that of the AWS variables")
    option("--no-account", action="store_true", help="look at the data only; ask nothing about the account")
    option("--quick", action="store_true", help="only the beginning of the table")
    option("--strict", action="store_true", help="warnings are an exit code of 1")
    option("--json", action="store_true", help="the whole report as JSON")
    option("--verbose", action="store_true", help="also the checks that passed")
    return parser
