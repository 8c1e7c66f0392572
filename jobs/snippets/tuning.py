"""The launch of a tuning job as programs for boto3 and the AWS CLI, which wait for its end and print the best try."""

from __future__ import annotations

import json
import shlex

from jobs.snippets.aws_cli import command
from jobs.snippets.notes import comments, refusals
from jobs.snippets.program import Program
from jobs.snippets.python import call, exit_with
from jobs.tuning.plan import TuningPlan

BEST = "BestTrainingJob"


def tuning_programs(plan: TuningPlan) -> list[Program]:
    """One program each for boto3 and the AWS CLI."""
    return [Program("boto3", "boto3", _boto3(plan)), Program("cli", "AWS CLI", _aws_cli(plan))]


def _boto3(plan: TuningPlan) -> str:
    launch = plan.launch
    if launch.problems:
        return comments(launch) + exit_with(refusals(launch))
    name = json.dumps(launch.spec.name)
    return f"""{comments(launch)}import time

import boto3

sagemaker = boto3.client("sagemaker", region_name={json.dumps(launch.spec.region)})
{call("sagemaker.create_hyper_parameter_tuning_job", plan.request())}\
while True:
    job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName={name})
    if job["HyperParameterTuningJobStatus"] not in ("InProgress", "Stopping"):
        break
    time.sleep(10)
print(job["HyperParameterTuningJobStatus"], job.get("FailureReason", ""), job.get("{BEST}", {{}}))
"""


def _aws_cli(plan: TuningPlan) -> str:
    launch = plan.launch
    if launch.problems:
        return comments(launch) + f"echo {shlex.quote(' '.join(refusals(launch)))} >&2\nexit 1\n"
    region = f"--region {shlex.quote(launch.spec.region)}"
    describe = (
        f"aws sagemaker describe-hyper-parameter-tuning-job {region} \\\n"
        f"    --hyper-parameter-tuning-job-name {shlex.quote(launch.spec.name)}"
    )
    status = f"$({describe} --query HyperParameterTuningJobStatus --output text)"
    return f"""{comments(launch)}set -e
{command("create-hyper-parameter-tuning-job", region, plan.request())}\
while STATUS={status}; do
    case "$STATUS" in InProgress|Stopping) sleep 10 ;; *) break ;; esac
done
{describe} --query {BEST}
"""
