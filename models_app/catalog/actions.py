"""What can be done to a model: deploy, delete."""

import logging
from contextlib import suppress

from django.db import IntegrityError, transaction
from django.db.models import Q

from common.messages import _
from jobs.instances import hosting_type
from models_app import aws
from models_app.aws import names
from models_app.data import left_in_s3
from models_app.endpoints import actions as endpoint_actions
from models_app.endpoints.naming import require_free_name
from models_app.models import Endpoint, Model, Tag, TrainingJob
from models_app.problems import Problem
from models_app.training import actions as job_actions
from models_app.work.enqueue import enqueue

log = logging.getLogger(__name__)


def deploy(model: Model, endpoint_name: str = "") -> Endpoint:
    """Give `model` an endpoint, called `endpoint_name`, or as the model says. The one it has already is given back.

    Raises Problem when there is nothing to deploy, or the name is taken.
    """
    model.refresh_from_db()
    if model.deleting:
        raise Problem(_("%(name)s is being deleted. Create it again to deploy it.", name=model.name))
    if model.endpoint and (not endpoint_name or endpoint_name == model.endpoint.name):
        if model.endpoint.status in (Endpoint.Status.FAILED, Endpoint.Status.DELETING):
            raise Problem(
                _(
                    "Endpoint %(name)s is %(n)s. Delete it first.",
                    name=model.endpoint.name,
                    n=model.endpoint.status_word.lower(),
                )
            )
        return model.endpoint
    if model.endpoint:
        raise Problem(
            _(
                "%(name)s is deployed as %(name2)s already. Delete that endpoint first.",
                name=model.name,
                name2=model.endpoint.name,
            )
        )
    name = endpoint_name or model.endpoint_name or model.name
    require_free_name(name)
    return add_endpoint(model, name)


def add_endpoint(model: Model, name: str) -> Endpoint:
    """Write down that `model` is to answer at the endpoint `name`, and ask for it. Does not ask SageMaker."""
    job = model.job
    if model.deleting or job is None or job.status != TrainingJob.Status.COMPLETED or not job.artifact:
        raise Problem(
            _("%(name)s has no trained model to deploy. Wait until its training is complete.", name=model.name)
        )
    own = names.with_suffix(model.name)
    try:
        with transaction.atomic():
            endpoint = Endpoint.objects.create(
                name=name,
                model=model,
                owner=model.owner,
                sagemaker_model=own,
                config_name=own,
                artifact=job.artifact,
                instance_type=hosting_type(model.instance_type),
            )
            if not Model.objects.filter(pk=model.pk, endpoint=None, deleting=False).update(endpoint=endpoint):
                raise IntegrityError("another deploy was faster")
            TrainingJob.objects.filter(pk=job.pk).update(note="")
            Tag.write(endpoint, Tag.of(model))
            endpoint.say(_("Deploying %(name)s", name=model.name))
            job.say(_("Deploying as %(name)s", name=name))
            enqueue("endpoints.launch_endpoint", endpoint.pk)
    except IntegrityError:
        model.refresh_from_db()
        if model.endpoint and model.endpoint.name == name:
            return model.endpoint
        raise Problem(
            _("Endpoint name %(name)s already exists. Enter a different name.", name=name), "endpoint_name"
        ) from None
    model.endpoint = endpoint
    return endpoint


def delete(model: Model, with_files: bool = False) -> None:
    """Stop its job, delete its endpoint, then forget the model. What it left in S3 stays unless `with_files`."""
    if Model.objects.filter(pk=model.pk).update(deleting=True, delete_files=with_files):
        model.deleting = True
        model.changed()
        enqueue("catalog.remove_model", model.pk)


def remove(model: Model) -> None:
    """Take the next steps of deleting `model`; the row goes when nothing of it runs any more. Repeatable."""
    if not model.deleting:
        return
    for job in model.jobs.filter(status__in=TrainingJob.LIVE):
        job_actions.STOPPING.stop(job)
    for endpoint in model.endpoints.filter(~Q(status=Endpoint.Status.DELETING)):
        with suppress(Problem):  # it is being updated; the next round tries again
            endpoint_actions.delete(endpoint)
    if model.endpoints.exists() or model.jobs.filter(status__in=TrainingJob.LIVE).exists():
        return
    if model.delete_files:
        _delete_files(model)
    model.changed()
    model.delete()


def _delete_files(model: Model) -> None:
    try:
        left_in_s3.delete(left_in_s3.folders_of(model))
    except aws.Unavailable:
        raise  # it is tried again
    except Problem as e:
        log.warning("what %s left in S3 stays there: %s", model, e.message)
