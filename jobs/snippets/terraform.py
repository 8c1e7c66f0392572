"""A launch as Terraform, as far as Terraform has resources: the model, the endpoint configuration, the endpoint."""

from __future__ import annotations

import json
import re

from jobs.hosting import SCHEMA_VARIABLE, VARIANT
from jobs.plan import LaunchPlan
from jobs.snippets.notes import comments


def render(plan: LaunchPlan) -> str:
    """The configuration; only the reasons, as comments, when the plan has problems."""
    if plan.problems:
        return comments(plan)
    name = plan.spec.name
    resource = re.sub(r"[^A-Za-z0-9_]", "_", name)
    resource = resource if resource[0].isalpha() else f"model_{resource}"
    schema = plan.written_schema_uri
    environment = f"\n    environment    = {{ {SCHEMA_VARIABLE} = {_quoted(schema)} }}" if schema else ""
    text = f"""\
{comments(plan)}# Terraform has no resource for a training job: train with boto3 or the CLI, and give
# the address of what it made.
variable "model_data_url" {{
  type        = string
  description = "ModelArtifacts.S3ModelArtifacts of the training job"
}}

resource "aws_sagemaker_model" "{resource}" {{
  name               = {_quoted(name)}
  execution_role_arn = {_quoted(plan.spec.role_arn)}

  primary_container {{
    image          = {_quoted(plan.image)}
    model_data_url = var.model_data_url{environment}
  }}
}}
"""
    if not plan.endpoint:
        return text
    return (
        text
        + f"""
resource "aws_sagemaker_endpoint_configuration" "{resource}" {{
  name = {_quoted(name)}

  production_variants {{
    variant_name           = "{VARIANT}"
    model_name             = aws_sagemaker_model.{resource}.name
    initial_instance_count = 1
    initial_variant_weight = 1.0
    instance_type          = {_quoted(plan.hosting_type)}
  }}
}}

resource "aws_sagemaker_endpoint" "{resource}" {{
  name                 = {_quoted(plan.endpoint)}
  endpoint_config_name = aws_sagemaker_endpoint_configuration.{resource}.name
}}
"""
    )


def _quoted(text: str) -> str:
    """`text` in double quotes, with what Terraform would fill in escaped."""
    return json.dumps(text).replace("${", "$${").replace("%{", "%%{")
