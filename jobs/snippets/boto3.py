"""A launch as a boto3 program, which trains and deploys and waits for both."""

from __future__ import annotations

import json

from jobs.hosting import endpoint_config_request, endpoint_request, model_request
from jobs.plan import LaunchPlan
from jobs.snippets.notes import comments, refusals
from jobs.snippets.python import Expression, call, exit_with

_NAME = Expression("name")
_ARTIFACT = Expression('job["ModelArtifacts"]["S3ModelArtifacts"]')


def render(plan: LaunchPlan) -> str:
    """The program; one that only names the reasons when the plan has problems."""
    if plan.problems:
        return comments(plan) + exit_with(refusals(plan))
    request = plan.training_job() | {"TrainingJobName": _NAME}
    text = f"""{comments(plan)}import time

import boto3

sagemaker = boto3.client("sagemaker", region_name={json.dumps(plan.spec.region)})
name = {json.dumps(plan.spec.name)} + time.strftime("-%Y%m%d-%H%M%S")
{call("sagemaker.create_training_job", request)}\
sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name, WaiterConfig={{"Delay": 10}})
job = sagemaker.describe_training_job(TrainingJobName=name)
print(job["TrainingJobStatus"], job.get("FailureReason", ""))
"""
    if not plan.endpoint:
        return text
    endpoint, tags = json.dumps(plan.endpoint), {"Tags": plan.tags} if plan.tags else {}
    model = model_request(
        _NAME, plan.image, _ARTIFACT, plan.spec.role_arn, plan.written_schema_uri, plan.hosting_environment
    )
    config = endpoint_config_request(_NAME, _NAME, plan.hosting_type)
    return (
        text
        + f"""
{call("sagemaker.create_model", model | tags)}\
{call("sagemaker.create_endpoint_config", config | tags)}\
{call("sagemaker.create_endpoint", endpoint_request(plan.endpoint, _NAME) | tags)}\
sagemaker.get_waiter("endpoint_in_service").wait(EndpointName={endpoint}, WaiterConfig={{"Delay": 10}})
"""
    )
