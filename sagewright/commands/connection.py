"""`sagewright test-connection`: which SageMaker is in use, and whether it, its S3 and the credentials answer.

Exit codes: 0 all three services answer, 2 a service refuses or something is not set, 3 no answer comes, 64 the command
line is wrong.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from typing import Any

import boto3
from botocore import exceptions

from sagewright.application import command_line
from sagewright.aws import choose_account, client
from sagewright.commands.arguments import Parser

ANSWERS, REFUSED, SILENT = 0, 2, 3
UNKNOWN_KEY = {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidAccessKey"}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
CLOCK = {"RequestTimeTooSkewed", "InvalidSignatureException", "SignatureDoesNotMatch"}


@dataclass
class Answer:
    """What one service says to one harmless call. `fix` is what to do about it, '' if all is well."""

    service: str
    action: str
    exit_code: int
    text: str
    fix: str = ""


def main(arguments: list[str]) -> int:
    """Ask STS, SageMaker and S3, print what they say, return the exit code."""
    options = parser().parse_args(arguments)
    source = choose_account()
    facts = _facts(source)
    answers = [
        _ask("STS", "sts", "get_caller_identity", lambda r: f"you are {r['Arn']} in account {r['Account']}"),
        _ask("SageMaker", "sagemaker", "list_training_jobs", _training_jobs, MaxResults=100),
        _ask("S3", "s3", "list_buckets", lambda r: f"it lists {_count(len(r['Buckets']), 'bucket')}"),
    ]
    code = max(answer.exit_code for answer in answers)
    if options.json:
        print(json.dumps({"ok": code == ANSWERS, **facts, "answers": [asdict(answer) for answer in answers]}, indent=1))
    else:
        print("\n".join(_lines(facts, answers)))
    return code


def parser() -> Parser:
    """The options of the command."""
    parser = Parser(
        prog="sagewright test-connection", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    return parser


def _facts(source: str) -> dict[str, str]:
    """What the calls will use: backend, endpoint, Region, credentials (never the secret) and who chose them."""
    facts = {"backend": "", "endpoint": "", "region": "", "access_key": "", "credentials_from": "", "chosen_by": source}
    try:
        sagemaker = client("sagemaker")
        facts["endpoint"], facts["region"] = sagemaker.meta.endpoint_url, sagemaker.meta.region_name
        facts["backend"] = "aws" if ".amazonaws.com" in facts["endpoint"] else "other"
        if credentials := boto3.session.Session().get_credentials():
            facts["access_key"] = f"...{credentials.get_frozen_credentials().access_key[-4:]}"
            facts["credentials_from"] = credentials.method
    except exceptions.BotoCoreError:
        pass  # the answers below say it, with what to do
    return facts


def _training_jobs(response: dict[str, Any]) -> str:
    count = len(response["TrainingJobSummaries"])
    return f"it lists {_count(count, 'training job')}{' and more' if response.get('NextToken') else ''}"


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}{'' if n == 1 else 's'}"


def _ask(title: str, service: str, operation: str, text: Any, **request: Any) -> Answer:
    action = f"{service}:{''.join(word.capitalize() for word in operation.split('_'))}"
    try:
        return Answer(title, action, ANSWERS, text(getattr(client(service), operation)(**request)))
    except exceptions.ClientError as e:
        code = e.response["Error"].get("Code", "")
        return Answer(title, action, REFUSED, " ".join(str(e).split()), _fix_for_code(code, action))
    except exceptions.BotoCoreError as e:
        exit_code, fix = _fix_for_exception(e)
        return Answer(title, action, exit_code, " ".join(str(e).split()), fix)


def _fix_for_code(code: str, action: str) -> str:
    exports = f'eval "$({command_line("exports")})"'
    if code in UNKNOWN_KEY:
        return f"The access key is not known there. Set AWS_ACCESS_KEY_ID to one that is; for the engine: {exports}"
    if code in CLOCK:
        return f"Check AWS_SECRET_ACCESS_KEY and this machine's clock; for the engine: {exports}"
    if code in EXPIRED:
        return "The session is over. Sign in again, for example with `aws sso login`, or make new temporary keys."
    if code in DENIED:
        return f"Ask an administrator of the account to allow {action} for you."
    return "The service's own words stand above."


def _fix_for_exception(e: exceptions.BotoCoreError) -> tuple[int, str]:
    if isinstance(e, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        exports = f'eval "$({command_line("exports")})"'
        return REFUSED, f"Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; for the engine: {exports}"
    if isinstance(e, exceptions.NoRegionError):
        return REFUSED, "Set AWS_DEFAULT_REGION, for example to us-east-1."
    if isinstance(e, exceptions.ProfileNotFound):
        return REFUSED, "Correct AWS_PROFILE, or make that profile with `aws configure --profile NAME`."
    if isinstance(e, exceptions.SSLError):
        return SILENT, "The certificate is not trusted. Give your company's certificates in AWS_CA_BUNDLE."
    start = f"Start the engine with `{command_line()}`, or correct AWS_ENDPOINT_URL; for AWS, check the network."
    if isinstance(e, exceptions.ConnectionError | exceptions.HTTPClientError):
        return SILENT, start
    return REFUSED, "Correct the AWS configuration."


def _lines(facts: dict[str, str], answers: list[Answer]) -> list[str]:
    backend = {"aws": "Amazon SageMaker", "other": "an engine that speaks SageMaker's protocol", "": "none"}
    lines = [
        f"Backend      {backend[facts['backend']]}",
        f"Endpoint     {facts['endpoint'] or 'none'}",
        f"Region       {facts['region'] or 'none'}",
        f"Credentials  {facts['access_key'] or 'none'}"
        + (f" (from {facts['credentials_from']})" if facts["credentials_from"] else ""),
        f"Chosen by    {facts['chosen_by']}",
        "",
    ]
    for answer in answers:
        level = "ok  " if answer.exit_code == ANSWERS else "err "
        lines.append(f"{level} {answer.service}: {answer.text}")
        if answer.fix:
            lines.append(f"      fix: {answer.fix}")
    return lines
