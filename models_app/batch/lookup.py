"""Finds the transform job that an address names, and the models that can predict a table."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

import algorithms
from jobs.code.kinds import ALGORITHM as CODE
from models_app.models import Model, TrainingJob, TransformJob
from models_app.web.errors import Gone


def find_transform(name: str) -> TransformJob:
    """The transform job `name` with its owner and model. Raises Gone, which names the next step."""
    if row := TransformJob.objects.select_related("owner", "model", "model__job").filter(name=name).first():
        return row
    words = _("There is no batch prediction %(name)s. Its name is spelled differently, or SageMaker has lost it.")
    raise Gone(words % {"name": name}, ("batch", _("View batch predictions")))


def trained_models() -> QuerySet[Model]:
    """Models that may be able to predict a table, newest first."""
    rows = Model.objects.filter(deleting=False, job__status=TrainingJob.Status.COMPLETED, job__artifact__gt="")
    return rows.exclude(algorithm=CODE).select_related("job")


def can_predict(model: Model) -> bool:
    """True if `model` is trained, and rows of a table can be encoded for it by the names of their columns."""
    job = model.job
    is_trained = job is not None and job.status == TrainingJob.Status.COMPLETED and bool(job.artifact)
    features = any(column["role"] == "feature" for column in model.schema.get("columns", ()))
    return is_trained and features and model.algorithm in algorithms.ALGORITHMS
