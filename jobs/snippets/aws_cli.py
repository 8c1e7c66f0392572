"""A launch as a shell program for the AWS CLI, which trains and deploys and waits for both."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from jobs.hosting import endpoint_config_request, endpoint_request, model_request
from jobs.plan import LaunchPlan
from jobs.snippets.notes import comments, refusals

# Characters that no request holds mark a shell variable until it is quoted.
_OPEN, _CLOSE = "\ue000", "\ue001"
_NAME, _ARTIFACT = (f"{_OPEN}{variable}{_CLOSE}" for variable in ("NAME", "ARTIFACT"))
_MARKED = re.compile(f"{_OPEN}(\\w+){_CLOSE}")


def render(plan: LaunchPlan) -> str:
    """The program; one that only names the reasons when the plan has problems."""
    if plan.problems:
        return comments(plan) + f"echo {shlex.quote(' '.join(refusals(plan)))} >&2\nexit 1\n"
    region = f"--region {shlex.quote(plan.spec.region)}"
    text = f"""{comments(plan)}set -e
NAME={shlex.quote(plan.spec.name)}-$(date +%Y%m%d-%H%M%S)
{command("create-training-job", region, plan.training_job() | {"TrainingJobName": _NAME})}\
aws sagemaker wait training-job-completed-or-stopped {region} --training-job-name "$NAME"
"""
    if not plan.endpoint:
        return text
    model = model_request(
        _NAME, plan.image, _ARTIFACT, plan.spec.role_arn, plan.written_schema_uri, plan.hosting_environment
    )
    tags = {"Tags": plan.tags} if plan.tags else {}
    config = endpoint_config_request(_NAME, _NAME, plan.hosting_type)
    return (
        text
        + f"""
ARTIFACT=$(aws sagemaker describe-training-job {region} --training-job-name "$NAME" \\
    --query ModelArtifacts.S3ModelArtifacts --output text)
{command("create-model", region, model | tags)}\
{command("create-endpoint-config", region, config | tags)}\
{command("create-endpoint", region, endpoint_request(plan.endpoint, _NAME) | tags)}\
aws sagemaker wait endpoint-in-service {region} --endpoint-name {shlex.quote(plan.endpoint)}
"""
    )


def command(operation: str, region: str, request: Mapping[str, Any]) -> str:
    """`aws sagemaker` with an option for each member of `request`."""
    options = " \\\n".join(f"    --{_dashed(name)} {_quoted(value)}" for name, value in request.items())
    return f"aws sagemaker {operation} {region} \\\n{options}\n"


def _dashed(member: str) -> str:
    """TrainingJobName is training-job-name."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", member).lower()


def _quoted(value: Any) -> str:
    """`value` as one word of a shell, marked variables outside of its single quotes."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    quoted = _MARKED.sub(r"""'"$\1"'""", shlex.quote(text))
    return quoted.removeprefix("''").removesuffix("''") if _MARKED.fullmatch(text) else quoted
