"""What a model or a tuning job left in S3 that is its own: folders of jobs, and uploads that only it learned from."""

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from common.s3_uri import split_s3_uri
from models_app.aws import requests, s3
from models_app.data.uploads import FORMS
from models_app.models import Draft, Model, TuningJob
from models_app.problems import Missing


def folders_of(model: Model) -> list[str]:
    """The folders that nothing but `model` uses, as s3://bucket/prefix/; there may be nothing in them."""
    jobs = [_folder(name) for name in model.jobs.order_by("pk").values_list("name", flat=True)]
    return jobs + _own_uploads(model.data_uri, model.recipe, models=Model.objects.exclude(pk=model.pk))


def folders_of_tuning(row: TuningJob) -> list[str]:
    """The folders that nothing but `row` uses: none while a model was saved of one of its tries.

    Those of the tries are theirs: they stay as the tries do.
    """
    names = [trial["name"] for trial in row.trials]
    if row.external or Model.objects.filter(jobs__name__in=names).exists():
        return []
    template = row.template
    tunings = TuningJob.objects.exclude(pk=row.pk)
    return [_folder(row.name), *_own_uploads(template["data_uri"], template.get("recipe", {}), tunings=tunings)]


def delete(folders: list[str]) -> None:
    """Delete every object in `folders`. Repeatable. Raises Problem."""
    for folder in folders:
        address = split_s3_uri(folder)
        try:
            while keys := [entry.key for entry in s3.objects(address.bucket, address.key, delimiter="").objects]:
                s3.delete_objects(address.bucket, keys)
        except Missing:  # the bucket is gone too
            continue


def _folder(job_name: str) -> str:
    return f"{requests.folder(job_name)}/"


def _own_uploads(
    data_uri: str,
    recipe: dict[str, Any],
    models: QuerySet[Model] | None = None,
    tunings: QuerySet[TuningJob] | None = None,
) -> list[str]:
    """The folders that the tables were uploaded to, unless one of `models` or `tunings` (default: all) uses them."""
    folders = {_upload_of(uri) for uri in (data_uri, recipe.get("validation_uri", ""))} - {""}
    models = Model.objects.all() if models is None else models
    tunings = TuningJob.objects.all() if tunings is None else tunings
    return [folder for folder in sorted(folders) if not _is_used(folder, models, tunings)]


def _upload_of(uri: str) -> str:
    """The folder of the form that `uri` was uploaded with; "" for a table that lies elsewhere."""
    root = f"s3://{settings.DEFAULT_BUCKET}/{FORMS}"
    form, slash, _name = uri.removeprefix(root).partition("/")
    return f"{root}{form}/" if uri.startswith(root) and form and slash else ""


def _is_used(folder: str, models: QuerySet[Model], tunings: QuerySet[TuningJob]) -> bool:
    """A model, a tuning job or a draft names a table in `folder`."""
    of_model = Q(data_uri__startswith=folder) | Q(recipe__validation_uri__startswith=folder)
    of_tuning = Q(template__data_uri__startswith=folder) | Q(template__recipe__validation_uri__startswith=folder)
    return (
        models.filter(of_model).exists()
        or tunings.filter(of_tuning).exists()
        or Draft.objects.filter(fields__data_uri__startswith=folder).exists()
    )
