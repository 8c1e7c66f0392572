"""Specifications and plans of jobs with what this console adds: its role, its Region, and where its jobs write."""

from typing import Any

from django.conf import settings

import algorithms
from common.tags import as_text
from jobs import JobSpec
from jobs.code.kinds import ALGORITHM as CODE
from jobs.code_plan import plan_code_prepared
from jobs.plan import LaunchPlan, plan_prepared
from jobs.spec import RUNTIMES
from models_app.models import Model, Tag, TrainingJob
from tables import Recipe


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
    tags = as_text(Tag.of(model))
    name = model.job.name if model.job else model.name
    return JobSpec.from_row(model, name=name, recipe=model.full_recipe, tags=tags, **account_options())


def can_be_cloned(job: TrainingJob) -> bool:
    """True if a job of another client can be a Create model form: an algorithm of the catalogue, data in S3."""
    return job.algorithm in algorithms.ALGORITHMS and bool(channels_of(job))


def can_be_saved(job: TrainingJob) -> bool:
    """True if a job of another client made a model that is not one of the console's yet."""
    has_model = job.status == TrainingJob.Status.COMPLETED and bool(job.artifact)
    return job.external and job.model_id is None and has_model and can_be_cloned(job)


def of_described(job: TrainingJob) -> JobSpec:
    """What a job of another client asked for, as SageMaker described it: its objects as they are, its own channels.

    The run time is the next longer one that the form offers. Only for a job that `can_be_cloned`.
    """
    contract, described = algorithms.get(job.algorithm).data, job.described
    uris = channels_of(job)
    train = uris.pop(contract.train, "") or uris.pop(next(iter(uris)), "")
    validation = uris.get(contract.validation or "") or next(iter(uris.values()), "") if contract.validation else ""
    recipe = Recipe(prepare=False, validation="location" if validation else "none", validation_uri=validation)
    resources, longest = described.get("ResourceConfig", {}), described.get("StoppingCondition", {})
    seconds = longest.get("MaxRuntimeInSeconds", RUNTIMES[-1][0])
    return JobSpec(
        algorithm=job.algorithm,
        data_uri=train,
        recipe=recipe,
        hyperparameters={name: str(value) for name, value in job.hyperparameters.items()},
        instance_type=resources.get("InstanceType", job.instance_type),
        instance_count=resources.get("InstanceCount", 1),
        volume_gb=resources.get("VolumeSizeInGB", JobSpec().volume_gb),
        max_runtime=next((limit for limit, _title in RUNTIMES if limit >= seconds), RUNTIMES[-1][0]),
        deploy_when_done=False,
    )


def channels_of(job: TrainingJob) -> dict[str, str]:
    """{channel: S3 address} of a job as SageMaker described it."""
    sources = {c["ChannelName"]: c.get("DataSource", {}) for c in job.described.get("InputDataConfig", ())}
    uris = {name: source.get("S3DataSource", {}).get("S3Uri", "") for name, source in sources.items()}
    return {name: uri for name, uri in uris.items() if uri}


def plan_of(job: TrainingJob) -> LaunchPlan:
    """What launching `job`, whose data is prepared, sends."""
    assert job.model, f"{job} is launched for a model"
    spec = of_model(job.model).but(name=job.name)
    content_types = {name: job.content_types.get(name, job.content_type) for name in job.channels}
    if spec.algorithm == CODE:
        return plan_code_prepared(spec, job.channels, content_types, job.hyperparameters)
    return plan_prepared(spec, job.channels, content_types, job.hyperparameters)
