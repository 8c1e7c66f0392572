"""Checks a training job before it starts: `sagewright preflight s3://bucket/train.csv --target churned`.

Exit codes: 0 nothing speaks against it, 1 warnings (with --strict), 2 it would fail or mislead, 3 something could not
be told, 64 the command line is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import algorithms
import preflight
from common.problems import Problem
from common.s3_uri import is_s3_uri
from jobs.request import spec_of_request
from jobs.spec import JobSpec
from preflight.aws_account import AwsAccount
from sagewright import report
from sagewright.stores import S3, Here
from tables.recipe import Recipe

CLEAN, WARNED, BLOCKED, UNKNOWN, USAGE = 0, 1, 2, 3, 64


class Parser(argparse.ArgumentParser):
    """argparse, with an exit code that is not one of the answers."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of the command line `arguments`."""
    given = _parser().parse_args(arguments)
    try:
        job = _job(given)
    except (OSError, ValueError, Problem) as e:
        _parser().error(str(e))
    here = None
    account: Any = None
    if is_s3_uri(job.data_uri):
        store: Any = S3(client("s3"))
        account = None if given.no_account else AwsAccount(client)
        job.region = job.region or client("s3").meta.region_name
    else:
        here = Here(Path(job.data_uri))
        store, job.data_uri = here, here.uri
        job.channels = {name: here.uri for name in job.channels}
    try:
        found = preflight.run(job, store, account, full=not given.quick)
    except Problem as e:
        print(e.message, file=sys.stderr)
        return UNKNOWN
    if given.json:
        print(json.dumps(found.as_json(), indent=1, default=str))
    else:
        report.show(found, here.path if here else str, everything=given.verbose)
    return _exit_code(found, given.strict)


def _exit_code(found: preflight.Report, strict: bool) -> int:
    if found.blocks:
        return BLOCKED
    if found.unknown:
        return UNKNOWN
    return WARNED if strict and found.counts()["warn"] else CLEAN


@cache
def client(service: str) -> Any:
    """A boto3 client by the standard AWS variables and profiles."""
    import boto3
    from botocore.config import Config

    made = boto3.session.Session()
    style = {"addressing_style": "path"} if made.client("s3").meta.endpoint_url.startswith("http://") else {}
    config = Config(connect_timeout=3, read_timeout=30, s3=style or None)
    return made.client(service, config=config)


def _job(given: argparse.Namespace) -> JobSpec:
    if given.request:
        job = spec_of_request(json.loads(Path(given.request).read_text()))
        if given.target:
            job.recipe.target = given.target
        return job
    if not given.data:
        raise ValueError("say where the data is, or give --request")
    recipe = Recipe.from_json(json.loads(Path(given.recipe).read_text())) if given.recipe else Recipe()
    recipe.target = given.target or recipe.target
    recipe.prepare = recipe.prepare and not given.raw
    recipe.excluded += given.exclude
    return JobSpec(
        name=given.job_name,
        algorithm=given.algorithm,
        image_tag=given.image_tag,
        hyperparameters=dict(_pair(text) for text in given.hyperparameter),
        data_uri=given.data,
        recipe=recipe,
        instance_type=given.instance_type,
        role_arn=given.role,
        region=given.region,
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ValueError(f"--hyperparameter takes name=value, not {text!r}")
    return name, value


def _parser() -> argparse.ArgumentParser:
    top = Parser(prog="sagewright", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = top.add_subparsers(dest="verb", required=True, parser_class=Parser)
    one = verbs.add_parser("preflight", help="what would fail or mislead, before it costs anything")
    one.add_argument("data", nargs="?", default="", help="s3://bucket/key, s3://bucket/prefix/, a file or a folder")
    one.add_argument("--algorithm", default=algorithms.DEFAULT, choices=sorted(algorithms.ALGORITHMS))
    one.add_argument("--target", default="", help="the column to predict: its name, or #1 by position")
    one.add_argument("--exclude", action="append", default=[], metavar="COLUMN", help="leave a column out")
    one.add_argument("--raw", action="store_true", help="the container gets these very bytes; nothing is prepared")
    one.add_argument("--hyperparameter", action="append", default=[], metavar="NAME=VALUE")
    one.add_argument("--recipe", default="", metavar="FILE", help="how to read and prepare the table, as JSON")
    one.add_argument("--request", default="", metavar="FILE", help="a CreateTrainingJob request as JSON; implies --raw")
    one.add_argument("--image-tag", default="", help="the container's version, for example 1.7-1")
    one.add_argument("--instance-type", default="ml.m5.large")
    one.add_argument("--job-name", default="")
    one.add_argument("--role", default="", help="the ARN of the role that SageMaker would run as")
    one.add_argument("--region", default="")
    one.add_argument("--no-account", action="store_true", help="look at the data only; ask nothing about the account")
    one.add_argument("--quick", action="store_true", help="only the beginning of the table")
    one.add_argument("--strict", action="store_true", help="warnings are an exit code of 1")
    one.add_argument("--json", action="store_true", help="the whole report as JSON")
    one.add_argument("--verbose", action="store_true", help="what was checked and found well, too")
    return top
