"""The texts of `models_app.create.code`, one function a language. The tests run boto3's and the CLI's."""

from __future__ import annotations

import json
import re
import shlex
from textwrap import indent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models_app.create.code import Plan


def boto3(plan: Plan) -> str:
    """A program that trains and, where asked for, deploys; it waits for both."""
    arguments = "".join(
        f"    {name}={indent(_python(value), '    ').strip()},\n" for name, value in plan.as_arguments.items()
    )
    text = f"""{_comments(plan)}import time

import boto3

sagemaker = boto3.client("sagemaker", region_name={json.dumps(plan.region)})
name = {json.dumps(plan.name)} + time.strftime("-%Y%m%d-%H%M%S")
sagemaker.create_training_job(
    TrainingJobName=name,
{arguments})
sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name, WaiterConfig={{"Delay": 10}})
job = sagemaker.describe_training_job(TrainingJobName=name)
print(job["TrainingJobStatus"], job.get("FailureReason", ""))
"""
    if not plan.endpoint:
        return text
    return (
        text
        + f"""
container = {{"Image": {json.dumps(plan.image)}, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]}}
sagemaker.create_model(ModelName=name, ExecutionRoleArn={json.dumps(plan.role)}, PrimaryContainer=container)
variant = {{
    "VariantName": "AllTraffic",
    "ModelName": name,
    "InitialInstanceCount": 1,
    "InstanceType": {json.dumps(plan.hosting_type)},
}}
sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
sagemaker.create_endpoint(EndpointName={json.dumps(plan.endpoint)}, EndpointConfigName=name)
sagemaker.get_waiter("endpoint_in_service").wait(EndpointName={json.dumps(plan.endpoint)}, WaiterConfig={{"Delay": 10}})
"""
    )


def cli(plan: Plan) -> str:
    """A shell program that does the same."""
    region = f"--region {plan.region}"
    options = [
        ("algorithm-specification", plan.as_arguments["AlgorithmSpecification"]),
        ("role-arn", plan.role),
        ("hyper-parameters", plan.hyperparameters),
        ("input-data-config", plan.as_arguments["InputDataConfig"]),
        ("output-data-config", plan.as_arguments["OutputDataConfig"]),
        ("resource-config", plan.as_arguments["ResourceConfig"]),
        ("stopping-condition", plan.as_arguments["StoppingCondition"]),
    ]
    asked = " \\\n".join(f"    --{name} {_shell(value)}" for name, value in options if value)
    text = f"""{_comments(plan)}set -e
NAME={shlex.quote(plan.name)}-$(date +%Y%m%d-%H%M%S)
aws sagemaker create-training-job {region} --training-job-name "$NAME" \\
{asked}
aws sagemaker wait training-job-completed-or-stopped {region} --training-job-name "$NAME"
"""
    if not plan.endpoint:
        return text
    endpoint = shlex.quote(plan.endpoint)
    variant = "VariantName=AllTraffic,ModelName=$NAME,InitialInstanceCount=1,InstanceType=" + plan.hosting_type
    return (
        text
        + f"""
ARTIFACT=$(aws sagemaker describe-training-job {region} --training-job-name "$NAME" \\
    --query ModelArtifacts.S3ModelArtifacts --output text)
aws sagemaker create-model {region} --model-name "$NAME" --execution-role-arn {shlex.quote(plan.role)} \\
    --primary-container "Image={plan.image},ModelDataUrl=$ARTIFACT"
aws sagemaker create-endpoint-config {region} --endpoint-config-name "$NAME" \\
    --production-variants "{variant}"
aws sagemaker create-endpoint {region} --endpoint-name {endpoint} --endpoint-config-name "$NAME"
aws sagemaker wait endpoint-in-service {region} --endpoint-name {endpoint}
"""
    )


def sdk(plan: Plan) -> str:
    """The SageMaker Python SDK, version 2."""
    channels = "".join(
        f"        {json.dumps(c.name)}: TrainingInput(\n"
        f"            {json.dumps(c.uri)}, content_type={json.dumps(c.content_type)}\n        ),\n"
        for c in plan.channels
    )
    text = f"""{_comments(plan)}from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput

estimator = Estimator(
    image_uri={json.dumps(plan.image)},
    role={json.dumps(plan.role)},
    instance_count=1,
    instance_type={json.dumps(plan.instance_type)},
    volume_size={plan.volume_gb},
    max_run={plan.max_runtime},
    output_path={json.dumps(plan.output)},
    base_job_name={json.dumps(plan.name)},
    hyperparameters={indent(_python(plan.hyperparameters), "    ").strip()},
)
estimator.fit(
    {{
{channels}    }}
)
"""
    if not plan.endpoint:
        return text
    deploy = (
        f"initial_instance_count=1, instance_type={json.dumps(plan.hosting_type)}, "
        f"endpoint_name={json.dumps(plan.endpoint)}"
    )
    return text + f"predictor = estimator.deploy({deploy})\n"


def own(plan: Plan) -> str:
    """Sagewright's own SDK, which is yet to come."""
    title = "".join(word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", plan.name)) or "MyModel"
    if not title[0].isalpha():
        title = f"Model{title}"
    sources = "".join(
        f"    {c.name}=S3DataSource({json.dumps(c.uri)}, content_type={json.dumps(c.content_type)}),\n"
        for c in plan.channels
    )
    text = f"""{_comments(plan)}# The sagewright SDK is in the making; this is how it will read.
from sagewright import Model, S3DataSource, TrainingInstance


class {title}(Model):
    name = {json.dumps(plan.name)}
    algorithm = {json.dumps(plan.algorithm)}
    hyperparameters = {indent(_python(plan.hyperparameters), "    ").strip()}


model = {title}()
model.fit(
    TrainingInstance({json.dumps(plan.instance_type)}, volume_gb={plan.volume_gb}, max_runtime={plan.max_runtime}),
{sources})
"""
    return text + (f"model.deploy({json.dumps(plan.endpoint)})\n" if plan.endpoint else "")


def terraform(plan: Plan) -> str:
    """What Terraform has resources for: the model, the endpoint configuration, the endpoint."""
    resource = re.sub(r"[^A-Za-z0-9_]", "_", plan.name)
    resource = resource if resource[0].isalpha() else f"model_{resource}"
    text = f"""\
{_comments(plan)}# Terraform has no resource for a training job: train with boto3 or the CLI, and give
# the address of what it made.
variable "model_data_url" {{
  type        = string
  description = "ModelArtifacts.S3ModelArtifacts of the training job"
}}

resource "aws_sagemaker_model" "{resource}" {{
  name               = {_hcl(plan.name)}
  execution_role_arn = {_hcl(plan.role)}

  primary_container {{
    image          = {_hcl(plan.image)}
    model_data_url = var.model_data_url
  }}
}}
"""
    if not plan.endpoint:
        return text
    return (
        text
        + f"""
resource "aws_sagemaker_endpoint_configuration" "{resource}" {{
  name = {_hcl(plan.name)}

  production_variants {{
    variant_name           = "AllTraffic"
    model_name             = aws_sagemaker_model.{resource}.name
    initial_instance_count = 1
    instance_type          = {_hcl(plan.hosting_type)}
  }}
}}

resource "aws_sagemaker_endpoint" "{resource}" {{
  name                 = {_hcl(plan.endpoint)}
  endpoint_config_name = aws_sagemaker_endpoint_configuration.{resource}.name
}}
"""
    )


def _comments(plan: Plan) -> str:
    return "".join(f"# {' '.join(line.split())}\n" for line in plan.steps) + ("\n" if plan.steps else "")


def _python(value) -> str:
    """`value`, of texts, numbers, lists and dicts, as Python writes it, broken where it gets long."""
    return json.dumps(value, indent=4, ensure_ascii=True)


def _hcl(text: str) -> str:
    """`text` in double quotes, with what Terraform would fill in escaped."""
    return json.dumps(text).replace("${", "$${").replace("%{", "%%{")


def _shell(value) -> str:
    return shlex.quote(value if isinstance(value, str) else json.dumps(value))
