"""A training job as preflight wants to see it: from a form that is being filled in, or from a model that is due."""

from django.conf import settings

import preflight
from models_app.create.model_spec import Draft
from models_app.models import Model


def of_draft(draft: Draft) -> preflight.Job:
    """What submitting `draft` would ask for."""
    return preflight.Job(
        name=draft.name,
        algorithm=draft.algorithm,
        hyperparameters=dict(draft.hyperparameters),
        data_uri=draft.data_uri,
        recipe=draft.recipe,
        instance_type=draft.instance_type,
        volume_gb=draft.volume_gb,
        max_runtime=draft.max_runtime,
        role_arn=settings.ROLE_ARN,
        region=settings.REGION,
        deploy=draft.deploy_when_done,
        endpoint_name=draft.endpoint_name if draft.deploy_when_done else "",
        cost_limit=draft.cost_limit,
    )


def of_model(model: Model) -> preflight.Job:
    """What the job of `model` asks for, with the reading that was decided when the model was made."""
    return preflight.Job(
        name=model.job.name if model.job else model.name,
        algorithm=model.algorithm,
        hyperparameters=dict(model.hyperparameters),
        data_uri=model.data_uri,
        recipe=model.how,
        instance_type=model.instance_type,
        instance_count=model.instance_count,
        volume_gb=model.volume_gb,
        max_runtime=model.max_runtime,
        role_arn=settings.ROLE_ARN,
        region=settings.REGION,
        deploy=model.deploy_when_done,
        endpoint_name=model.endpoint_name,
        cost_limit=model.cost_limit,
    )
