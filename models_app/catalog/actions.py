"""What can be done to a model: check a spec, create, deploy, delete."""

from contextlib import suppress
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q

from common.messages import _
from jobs import JobSpec
from jobs.instances import hosting_type
from models_app.aws import job_spec, names
from models_app.create import checks
from models_app.endpoints import actions as endpoint_actions
from models_app.models import Endpoint, Model, TrainingJob
from models_app.problems import Invalid, Problem
from models_app.training import actions as job_actions
from models_app.work.enqueue import enqueue
from tables import Inspection

__all__ = ["check", "create", "delete", "deploy", "remove"]


def check(user, spec: JobSpec) -> list[Problem]:
    """Every reason to refuse `spec`, each with its field's name. Creates nothing."""
    problems, _ = checks.examine(spec)
    return problems


def create(user, spec: JobSpec, intent: UUID | str | None = None) -> Model:
    """Create the model of `spec` and start it.

    `intent` identifies the request: a second call with the same one returns the first's model. None makes a new one.
    Raises Invalid with every problem; then nothing was created.
    """
    intent = _uuid(intent or uuid4())
    if existing := _existing(user, intent):
        return existing
    problems, table = checks.examine(spec)
    if not problems:
        assert table
        try:
            return _create(user, spec, intent, table)
        except IntegrityError:
            pass  # another submit was faster: this very form, or one that took the name
        problems = [Problem(_("Model name %(name)s already exists. Enter a different name.", name=spec.name), "name")]
    if existing := _existing(user, intent):
        return existing
    raise Invalid(problems)


def _uuid(intent: UUID | str) -> UUID:
    try:
        return UUID(str(intent))
    except ValueError:
        raise Problem(_("The form has lost its key. Load the page again and submit it once more.")) from None


def _existing(user, intent: UUID) -> Model | None:
    model = Model.objects.select_related("job", "endpoint").filter(intent=intent).first()
    if model and model.owner_id != user.pk:
        raise Problem(_("This form was submitted by somebody else. Load the page again."))
    return model


def _create(user, spec: JobSpec, intent: UUID, table: Inspection) -> Model:
    with transaction.atomic():
        model = Model.objects.create(
            name=spec.name,
            owner=user,
            intent=intent,
            data_format=table.format,
            has_header=table.has_header,
            delimiter=table.delimiter or ",",
            target=table.target_suggestion,
            **job_spec.in_account(spec).but(data_uri=table.uri, data_etag=table.etag).as_row(),
        )
        model.job = TrainingJob.objects.create(
            name=names.with_suffix(model.name),
            model=model,
            owner=user,
            algorithm=model.algorithm,
            instance_type=model.instance_type,
        )
        model.save(update_fields=["job"])
        model.job.say(_("Model %(name)s created", name=model.name))
        enqueue("training.prepare_data", model.job.pk)
    return model


def deploy(model: Model, endpoint_name: str = "") -> Endpoint:
    """Give `model` an endpoint, called `endpoint_name`, or as the model says. The one it has already is given back.

    Raises Problem when there is nothing to deploy, or the name is taken.
    """
    model.refresh_from_db()
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
    checks.endpoint_name(name)
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


def delete(model: Model) -> None:
    """Stop its job, delete its endpoint, then forget the model. What it wrote to S3 stays."""
    if Model.objects.filter(pk=model.pk).update(deleting=True):
        model.deleting = True
        model.changed()
        enqueue("catalog.remove_model", model.pk)


def remove(model: Model) -> None:
    """Take the next steps of deleting `model`; the row goes when nothing of it runs any more. Repeatable."""
    if not model.deleting:
        return
    for job in model.jobs.filter(status__in=TrainingJob.LIVE):
        job_actions.stop(job)
    for endpoint in model.endpoints.filter(~Q(status=Endpoint.Status.DELETING)):
        with suppress(Problem):  # it is being updated; the next round tries again
            endpoint_actions.delete(endpoint)
    if model.endpoints.exists() or model.jobs.filter(status__in=TrainingJob.LIVE).exists():
        return
    model.changed()
    model.delete()
