"""A launch as Terraform: the training job, the model, the endpoint configuration and the endpoint.

The resources are those of the AWS provider's documentation. It has aws_sagemaker_training_job since 2026.
"""

from __future__ import annotations

import re

from jobs.hosting import endpoint_config_request, model_request
from jobs.plan import LaunchPlan
from jobs.snippets.hcl import Reference, body, literal
from jobs.snippets.notes import comments


def render(plan: LaunchPlan) -> str:
    """The configuration; only the reasons, as comments, when the plan has problems."""
    if plan.problems:
        return comments(plan)
    name = plan.spec.name
    label = re.sub(r"[^A-Za-z0-9_]", "_", name)
    label = label if label[0].isalpha() else f"model_{label}"
    request = plan.training_job() | {"TrainingJobName": name}
    job = f"aws_sagemaker_training_job.{label}"
    output = literal(request["OutputDataConfig"]["S3OutputPath"].rstrip("/"))[:-1]
    artifact = Reference(f'{output}/${{{job}.training_job_name}}/output/model.tar.gz"')
    model = model_request(
        name, plan.image, artifact, plan.spec.role_arn, plan.written_schema_uri, plan.hosting_environment
    )
    tags = {"Tags": plan.tags} if plan.tags else {}
    text = f"""{comments(plan)}# Terraform starts the training job and does not wait for its end. The model needs its
# archive: apply the job alone first, and the rest when its status is Completed.
{_resource("aws_sagemaker_training_job", label, request)}
{_resource("aws_sagemaker_model", label, model | tags, {"ModelName": "name"})}"""
    if not plan.endpoint:
        return text
    config = endpoint_config_request(name, Reference(f"aws_sagemaker_model.{label}.name"), plan.hosting_type)
    endpoint = {
        "EndpointName": plan.endpoint,
        "EndpointConfigName": Reference(f"aws_sagemaker_endpoint_configuration.{label}.name"),
    }
    return f"""{text}
{_resource("aws_sagemaker_endpoint_configuration", label, config | tags, {"EndpointConfigName": "name"})}
{_resource("aws_sagemaker_endpoint", label, endpoint | tags, {"EndpointName": "name"})}"""


def _resource(kind: str, label: str, request: dict, renamed: dict[str, str] | None = None) -> str:
    """A resource block. `renamed` are the members that the provider calls otherwise."""
    members = {(renamed or {}).get(member, member): value for member, value in request.items()}
    return f'resource "{kind}" "{label}" {{\n{body(members)}}}\n'
