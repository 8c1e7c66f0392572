"""Tags of what SageMaker runs for people, in a table of their own, by which lists filter and sort."""

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from common.tags import MAX_KEY, MAX_VALUE, escape_key
from models_app.models.endpoint import Endpoint
from models_app.models.job import TrainingJob
from models_app.models.model import Model
from models_app.models.transform_job import TransformJob
from models_app.models.tuning_job import TuningJob

FIELDS: dict[type[models.Model], str] = {
    TrainingJob: "job",
    Model: "model",
    Endpoint: "endpoint",
    TransformJob: "transform",
    TuningJob: "tuning",
}


def _resource(to: type[models.Model]) -> Any:
    return models.ForeignKey(to, models.CASCADE, null=True, blank=True, related_name="tags", db_index=False)


def _is_of(name: str) -> Q:
    return Q(**{f"{name}__isnull": False})


class Tag(models.Model):
    """One tag that a person put on one resource. The console's own tags are not here (`models_app.aws.requests`)."""

    job = _resource(TrainingJob)
    model = _resource(Model)
    endpoint = _resource(Endpoint)
    transform = _resource(TransformJob)
    tuning = _resource(TuningJob)
    key = models.CharField(max_length=MAX_KEY)
    value = models.CharField(max_length=MAX_VALUE, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=[name, "key"], name=f"one_tag_a_key_{name}", condition=_is_of(name))
            for name in FIELDS.values()
        ]
        indexes = [
            models.Index(fields=["key", "value", name], name=f"tag_{name}", condition=_is_of(name))
            for name in FIELDS.values()
        ]

    def __str__(self) -> str:
        return f"{escape_key(self.key)}={self.value}"

    @staticmethod
    def of(row: models.Model) -> dict[str, str]:
        """The tags of `row`, by key; {} of one that is not saved."""
        if row.pk is None:
            return {}
        return dict(Tag.objects.filter(**{FIELDS[type(row)]: row}).order_by("key").values_list("key", "value"))

    @staticmethod
    def write(row: models.Model, tags: Mapping[str, str]) -> None:
        """Replace the tags of `row`."""
        if Tag.of(row) == tags:
            return
        field = FIELDS[type(row)]
        with transaction.atomic():
            Tag.objects.filter(**{field: row}).delete()
            Tag.objects.bulk_create(Tag(key=key, value=value, **{field: row}) for key, value in tags.items())
