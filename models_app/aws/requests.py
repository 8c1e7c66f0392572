"""The dicts boto3 wants, made of rows alone: no network, no clock."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

import algorithms
from common.permissions import OWNER_TAG
from common.tags import as_request
from jobs import hosting
from jobs.code.kinds import ALGORITHM as CODE
from jobs.plan import job_folder
from models_app.aws import job_spec
from models_app.models import Endpoint, Model, Tag, TrainingJob, TransformJob, TuningJob

INTENT_TAG = "sagewright:intent"
MODEL_TAG = "sagewright:model"


def folder(job_name: str) -> str:
    """Where everything of one job is kept: s3://bucket/sagewright/<job>."""
    return job_folder(job_spec.account_options()["output_uri"], job_name)


def schema_uri(model: Model) -> str:
    """Where the schema of `model` is kept, which was written when its data was prepared; "" before that."""
    is_written = model.schema and model.job and model.algorithm != CODE
    return f"{folder(model.job.name)}/schema.json" if is_written and model.job else ""


def training_job(job: TrainingJob) -> dict[str, Any]:
    """CreateTrainingJob for `job`, whose data is prepared. Raises Problem when a limit keeps it from being started."""
    return job_spec.plan_of(job).training_job() | {"Tags": tags(job)}


def model(endpoint: Endpoint) -> dict[str, Any]:
    """CreateModel for what `endpoint` will host."""
    of = _model_of(endpoint)
    name, artifact, role = endpoint.sagemaker_model, endpoint.artifact, settings.ROLE_ARN
    if of.algorithm == CODE:
        assert of.job, f"{of} is hosted after a job"
        plan = job_spec.plan_of(of.job)
        request = hosting.model_request(name, plan.image, artifact, role, environment=plan.hosting_environment)
    else:
        image = algorithms.get(of.algorithm).image_uri(settings.REGION)
        request = hosting.model_request(name, image, artifact, role, schema_uri(of))
    return request | {"Tags": tags(endpoint)}


def endpoint_config(endpoint: Endpoint) -> dict[str, Any]:
    """CreateEndpointConfig: one variant that takes all traffic."""
    request = hosting.endpoint_config_request(endpoint.config_name, endpoint.sagemaker_model, endpoint.instance_type)
    return request | {"Tags": tags(endpoint)}


def endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """CreateEndpoint."""
    return hosting.endpoint_request(endpoint.name, endpoint.config_name) | {"Tags": tags(endpoint)}


def tags(row: TrainingJob | TransformJob | Endpoint) -> list[dict]:
    """The tags that say whose `row` is, and of which model; then those that people put on it."""
    return own_tags(row, {MODEL_TAG: _model_of(row).name})


def own_tags(
    row: TrainingJob | TransformJob | TuningJob | Endpoint, more: Mapping[str, str] | None = None
) -> list[dict]:
    """The tags that say whose `row` is, and `more`; then those that people put on it."""
    named = {INTENT_TAG: str(row.intent), **(more or {})}
    if row.owner:
        named[OWNER_TAG] = row.owner.get_username()
    return as_request(named | Tag.of(row))


def _model_of(row: TrainingJob | TransformJob | Endpoint) -> Model:
    """What the console asks SageMaker for always belongs to a model; only what others made does not."""
    assert row.model is not None, f"{row} belongs to no model"
    return row.model
