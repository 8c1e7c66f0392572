"""Lists what an account has: `sagewright jobs`, `sagewright models`, `sagewright endpoints`.

Exit codes: 0 done, 2 SageMaker refuses, 3 no answer comes, 64 the command line is wrong.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from sagewright.commands.arguments import Parser
from sagewright.commands.outcome import outcome, show

Row = dict[str, Any]


def jobs(arguments: list[str]) -> int:
    """List training jobs, newest first."""
    return _list(job_parser(), arguments, "list_training_jobs", "TrainingJobSummaries", _job, "There are no jobs.")


def models(arguments: list[str]) -> int:
    """List models that endpoints may host, newest first."""
    return _list(model_parser(), arguments, "list_models", "Models", _model, "There are no models.")


def endpoints(arguments: list[str]) -> int:
    """List endpoints, newest first."""
    return _list(endpoint_parser(), arguments, "list_endpoints", "Endpoints", _endpoint, "There are no endpoints.")


def _list(
    parser: Parser, arguments: list[str], operation: str, member: str, row: Callable[[Row], Row], nothing: str
) -> int:
    options = parser.parse_args(arguments)

    def act() -> None:
        from sagewright.sdk.session import default_session

        pages = default_session().client("sagemaker").get_paginator(operation)
        more = {"StatusEquals": options.status} if getattr(options, "status", "") else {}
        rows: Iterator[Row] = (
            one
            for page in pages.paginate(SortBy="CreationTime", SortOrder="Descending", **more)
            for one in page[member]
        )
        show([row(one) for one in islice(rows, options.limit)], options.json, nothing)

    return outcome(act)


def _job(job: Row) -> Row:
    end = job.get("TrainingEndTime")
    seconds = f"{(end - job['CreationTime']).total_seconds():.0f}" if end else ""
    return {
        "name": job["TrainingJobName"],
        "status": job["TrainingJobStatus"],
        "created": _time(job["CreationTime"]),
        "seconds": seconds,
    }


def _model(model: Row) -> Row:
    return {"name": model["ModelName"], "created": _time(model["CreationTime"])}


def _endpoint(endpoint: Row) -> Row:
    return {
        "name": endpoint["EndpointName"],
        "status": endpoint["EndpointStatus"],
        "created": _time(endpoint["CreationTime"]),
    }


def _time(time: datetime) -> str:
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _parser(noun: str, statuses: tuple[str, ...] = ()) -> Parser:
    parser = Parser(
        prog=f"sagewright {noun}", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if statuses:
        parser.add_argument("--status", choices=statuses, help="only those with this status")
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="how many at most")
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    return parser


def job_parser() -> Parser:
    """The options of `sagewright jobs`."""
    return _parser("jobs", ("InProgress", "Completed", "Failed", "Stopping", "Stopped"))


def model_parser() -> Parser:
    """The options of `sagewright models`."""
    return _parser("models")


def endpoint_parser() -> Parser:
    """The options of `sagewright endpoints`."""
    return _parser("endpoints", ("Creating", "InService", "Updating", "Deleting", "Failed"))
