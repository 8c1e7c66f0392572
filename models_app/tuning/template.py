"""What each training job of a tuning job asks for, as a model that is not saved; the plan of its launch."""

from django.db import models

from jobs import JobSpec
from jobs.plan import plan_prepared
from jobs.tuning.plan import TuningPlan
from jobs.tuning.search import Search
from models_app.aws import job_spec
from models_app.models import Model, TrainingJob, TuningJob


def model_of(row: TuningJob) -> Model:
    """The model, not saved, with the hyperparameters that are not tuned; columns of an earlier version are left out."""
    columns = {field.name for field in Model._meta.get_fields() if isinstance(field, models.Field)}
    known = {name: value for name, value in row.template.items() if name in columns}
    return Model(name=row.name, owner=row.owner, **known)


def model_of_trial(job: TrainingJob) -> Model | None:
    """The same with the values that `job` was started with; None for a job of no tuning job of the console."""
    if (row := tuning_of(job)) is None:
        return None
    model, tuned = model_of(row), row.search.get("ranges", {})
    model.schema, model.lineage = row.schema, row.lineage
    model.hyperparameters = model.hyperparameters | {n: t for n, t in job.hyperparameters.items() if n in tuned}
    return model


def tuning_of(job: TrainingJob) -> TuningJob | None:
    """The tuning job of the console that started `job`."""
    name = job.described.get("TuningJobArn", "").rpartition("/")[2]
    return TuningJob.objects.select_related("owner").filter(name=name, external=False).first() if name else None


def spec_of(row: TuningJob) -> JobSpec:
    """What each training job of `row` asks for, with the header and the target that were decided."""
    return job_spec.of_model(model_of(row))


def search_of(row: TuningJob) -> Search:
    """What `row` searches."""
    return Search.from_json(row.search)


def plan_of(row: TuningJob) -> TuningPlan:
    """What launching `row`, whose data is prepared, sends."""
    content_types = dict.fromkeys(row.channels, row.content_type)
    launch = plan_prepared(spec_of(row), row.channels, content_types, row.hyperparameters)
    return TuningPlan(launch, search_of(row), row.schema.get("task", ""))
