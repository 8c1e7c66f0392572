"""Creates the model of a specification, or says why not."""

from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from common import tags
from common.messages import _
from jobs import JobSpec
from models_app.aws import job_spec, names
from models_app.create import checks
from models_app.models import Model, Tag, TrainingJob
from models_app.problems import Invalid, Problem
from models_app.work.enqueue import enqueue
from tables import Inspection


def check(user, spec: JobSpec) -> list[Problem]:
    """Every reason to refuse `spec`, each with its field's name. Creates nothing."""
    problems, _ = checks.examine(spec)
    return problems


def create(user, spec: JobSpec, intent: UUID | str | None = None, origin: str = "") -> Model:
    """Create the model of `spec` and start it. `origin` is the name of the model that it was cloned from, if any.

    `intent` identifies the request: a second call with the same one returns the first's model. None makes a new one.
    Raises Invalid with every problem; then nothing was created.
    """
    intent = parse_intent(intent or uuid4())
    if existing := _existing(user, intent):
        return existing
    problems, table = checks.examine(spec)
    if not problems:
        assert table
        try:
            return _create(user, spec, intent, table, origin)
        except IntegrityError:
            pass  # another submit was faster: this very form, or one that took the name
        problems = [Problem(_("Model name %(name)s already exists. Enter a different name.", name=spec.name), "name")]
    if existing := _existing(user, intent):
        return existing
    raise Invalid(problems)


def parse_intent(intent: UUID | str) -> UUID:
    """The identifier that a form carries. Raises Problem if it is none."""
    try:
        return UUID(str(intent))
    except ValueError:
        raise Problem(_("The form has lost its key. Load the page again and submit it once more.")) from None


def model_columns(spec: JobSpec, table: Inspection) -> dict[str, Any]:
    """{column: value} of a model of `spec`, whose data is `table`; names, owner and what becomes of it are left out."""
    inspected = {
        "data_format": table.format,
        "has_header": table.has_header,
        "delimiter": table.delimiter or ",",
        "target": table.target_suggestion,
    }
    return inspected | job_spec.in_account(spec).but(data_uri=table.uri, data_etag=table.etag).as_row()


def _existing(user, intent: UUID) -> Model | None:
    model = Model.objects.select_related("job", "endpoint").filter(intent=intent).first()
    if model and model.owner_id != user.pk:
        raise Problem(_("This form was submitted by somebody else. Load the page again."))
    return model


def _create(user, spec: JobSpec, intent: UUID, table: Inspection, origin: str) -> Model:
    with transaction.atomic():
        model = Model.objects.create(
            name=spec.name,
            owner=user,
            intent=intent,
            cloned_from=Model.objects.filter(name=origin).first() if origin else None,
            **model_columns(spec, table),
        )
        model.job = TrainingJob.objects.create(
            name=names.with_suffix(model.name),
            model=model,
            owner=user,
            algorithm=model.algorithm,
            instance_type=model.instance_type,
        )
        model.save(update_fields=["job"])
        for row in (model, model.job):
            Tag.write(row, tags.parse(spec.tags))
        model.job.say(_("Model %(name)s created", name=model.name))
        enqueue("training.prepare_data", model.job.pk)
    return model
