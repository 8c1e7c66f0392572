"""Changes the tags of a row and of what it is at SageMaker."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from django.db import transaction

from common.messages import _
from common.tags import check_together, of_people
from models_app import aws
from models_app.aws import tags
from models_app.models import Endpoint, Model, Tag, TrainingJob, TransformJob, TuningJob
from models_app.problems import Problem

Tagged = TrainingJob | Model | Endpoint | TransformJob | TuningJob
LAUNCHING = (TrainingJob.Status.LAUNCHING, Endpoint.Status.LAUNCHING, TransformJob.Status.LAUNCHING)


def change(row: Tagged, new: Mapping[str, str], removed: Iterable[str]) -> None:
    """Set the tags `new` on `row` and remove the keys `removed`, here and at SageMaker. Repeatable.

    `new` is as `common.tags.checked` returns it. What is not at SageMaker yet gets its tags
    when it is created. Raises Problem: by AWS's limits, while the row is being created, aws.Refused, aws.Unavailable.
    """
    current = Tag.of(row)
    gone = {key for key in removed if key in current and key not in new}
    remaining = {key: value for key, value in current.items() if key not in gone}
    added = {key: value for key, value in new.items() if remaining.get(key) != value}
    if not added and not gone:
        return
    check_together(remaining | added)
    if arn := arn_of(row):
        if gone:
            tags.delete(arn, gone)
            Tag.write(row, remaining)
        if added:
            tags.add(arn, added)
            Tag.write(row, remaining | added)
    else:
        with transaction.atomic():
            _check_not_launching(row)
            Tag.write(row, remaining | added)
    row.changed()


def refresh(row: Tagged) -> None:
    """Read the tags of `row` as SageMaker has them now, which other clients may have changed; as known if it cannot."""
    if arn := arn_of(row):
        with suppress(aws.Refused, aws.Unavailable):
            Tag.write(row, of_people(tags.all_of(arn)))


def arn_of(row: Tagged) -> str:
    """The ARN at SageMaker; "" before there is one. A model's is that of the one behind its endpoint."""
    if not isinstance(row, Model):
        return row.arn
    endpoint = row.endpoint
    if endpoint is None or not endpoint.arn:
        return ""
    return f"{endpoint.arn.rpartition(':')[0]}:model/{endpoint.sagemaker_model.lower()}"


def _check_not_launching(row: Tagged) -> None:
    """Raise Problem while SageMaker is being asked for `row`: the request may have been sent with the former tags."""
    creates = row.endpoint if isinstance(row, Model) else row
    if creates is None:
        return
    rows = type(creates)._default_manager.select_for_update()
    if rows.filter(pk=creates.pk, status__in=LAUNCHING).exists():
        raise Problem(_("%(name)s is being created at SageMaker. Change its tags in a moment.", name=creates.name))
