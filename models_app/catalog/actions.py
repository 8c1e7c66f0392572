"""What can be done to a model: check a draft, create, deploy, delete."""

from contextlib import suppress
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from common.words import _
from models_app.aws import names
from models_app.create import checks
from models_app.create.model_spec import Draft
from models_app.endpoints import actions as endpoint_actions
from models_app.models import Endpoint, Model, TrainingJob
from models_app.problems import Invalid, Problem
from models_app.training import actions as job_actions
from models_app.work.enqueue import enqueue
from tables import Inspection

__all__ = ["Draft", "check", "create", "delete", "deploy", "remove"]


def check(user, draft: Draft) -> list[Problem]:
    """Everything that speaks against `draft`, each with its field's name. Makes nothing."""
    problems, _ = checks.examine(draft)
    return problems


def create(user, draft: Draft) -> Model:
    """Make the model of `draft` and start it. The same `draft.intent` again gives the first's model.

    Raises Invalid with every problem; then nothing was made.
    """
    intent = _intent(draft)
    if made := _made_before(user, intent):
        return made
    problems, found = checks.examine(draft)
    if not problems:
        assert found
        try:
            return _make(user, draft, intent, found)
        except IntegrityError:
            pass  # another submit was faster: this very form, or one that took the name
        problems = [Problem(_("Model name %(name)s already exists. Enter a different name.", name=draft.name), "name")]
    if made := _made_before(user, intent):
        return made
    raise Invalid(problems)


def _intent(draft: Draft) -> UUID:
    try:
        return UUID(str(draft.intent))
    except ValueError:
        raise Problem(_("The form has lost its key. Load the page again and submit it once more.")) from None


def _made_before(user, intent: UUID) -> Model | None:
    made = Model.objects.select_related("job", "endpoint").filter(intent=intent).first()
    if made and made.owner_id != user.pk:
        raise Problem(_("This form was submitted by somebody else. Load the page again."))
    return made


def _make(user, draft: Draft, intent: UUID, found: Inspection) -> Model:
    with transaction.atomic():
        model = Model.objects.create(
            name=draft.name,
            owner=user,
            intent=intent,
            algorithm=draft.algorithm,
            data_uri=found.uri,
            data_etag=found.etag,
            data_format=found.format,
            has_header=found.has_header,
            delimiter=found.delimiter or ",",
            target=found.target_suggestion,
            recipe=draft.recipe.as_json(),
            hyperparameters=draft.hyperparameters,
            instance_type=draft.instance_type,
            max_runtime=draft.max_runtime,
            deploy_when_done=draft.deploy_when_done,
            endpoint_name=draft.endpoint_name or draft.name if draft.deploy_when_done else "",
            deploy_metric=draft.deploy_metric,
            deploy_threshold=draft.deploy_threshold,
            idle_hours=draft.idle_hours,
            cost_limit=draft.cost_limit,
            volume_gb=draft.volume_gb,
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
                instance_type=endpoint_actions.hosting_type(model.instance_type),
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
