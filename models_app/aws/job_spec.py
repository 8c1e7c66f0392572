"""Specifications and plans of jobs with what this console adds: its role, its Region, and where its jobs write."""

from typing import Any

from django.conf import settings

from jobs import JobSpec
from jobs.code.kinds import ALGORITHM as CODE
from jobs.code_plan import plan_code_prepared
from jobs.plan import LaunchPlan, plan_prepared
from models_app.models import Model, TrainingJob


def account_options() -> dict[str, Any]:
    """The options of a job that the console's settings decide."""
    return {
        "role_arn": settings.ROLE_ARN,
        "region": settings.REGION,
        "output_uri": f"s3://{settings.DEFAULT_BUCKET}/sagewright",
    }


def in_account(spec: JobSpec) -> JobSpec:
    """`spec`, whose endpoint has the model's name unless it has its own, as this console asks for it."""
    endpoint = (spec.endpoint_name or spec.name) if spec.deploy_when_done else ""
    return spec.but(endpoint_name=endpoint, **account_options())


def of_model(model: Model) -> JobSpec:
    """What the job of `model` asks for, with the header and the target that were decided when the model was made."""
    name = model.job.name if model.job else model.name
    return JobSpec.from_row(model, name=name, recipe=model.full_recipe, **account_options())


def plan_of(job: TrainingJob) -> LaunchPlan:
    """What launching `job`, whose data is prepared, sends."""
    assert job.model, f"{job} is launched for a model"
    spec = of_model(job.model).but(name=job.name)
    content_types = {name: job.content_types.get(name, job.content_type) for name in job.channels}
    if spec.algorithm == CODE:
        return plan_code_prepared(spec, job.channels, content_types, job.hyperparameters)
    return plan_prepared(spec, job.channels, content_types, job.hyperparameters)
