"""What a model left in S3 that is its own: the folders of its jobs, and the upload that only it learned from."""

from django.conf import settings
from django.db.models import Q

from common.s3_uri import split_s3_uri
from models_app.aws import requests, s3
from models_app.data.uploads import FORMS
from models_app.models import Draft, Model, TuningJob
from models_app.problems import Missing


def folders_of(model: Model) -> list[str]:
    """The folders that nothing but `model` uses, as s3://bucket/prefix/; there may be nothing in them."""
    jobs = [f"{requests.folder(name)}/" for name in model.jobs.order_by("pk").values_list("name", flat=True)]
    uploads = {_upload_of(uri) for uri in (model.data_uri, model.recipe.get("validation_uri", ""))} - {""}
    return [*jobs, *sorted(folder for folder in uploads if not _is_used(folder, model))]


def delete(folders: list[str]) -> None:
    """Delete every object in `folders`. Repeatable. Raises Problem."""
    for folder in folders:
        address = split_s3_uri(folder)
        try:
            while keys := [entry.key for entry in s3.objects(address.bucket, address.key, delimiter="").objects]:
                s3.delete_objects(address.bucket, keys)
        except Missing:  # the bucket is gone too
            continue


def _upload_of(uri: str) -> str:
    """The folder of the form that `uri` was uploaded with; "" for a table that lies elsewhere."""
    root = f"s3://{settings.DEFAULT_BUCKET}/{FORMS}"
    form, slash, _name = uri.removeprefix(root).partition("/")
    return f"{root}{form}/" if uri.startswith(root) and form and slash else ""


def _is_used(folder: str, model: Model) -> bool:
    """Another model, a draft or a tuning job names a table in `folder`."""
    others = Model.objects.exclude(pk=model.pk)
    in_recipe = Q(recipe__validation_uri__startswith=folder)
    return (
        others.filter(Q(data_uri__startswith=folder) | in_recipe).exists()
        or Draft.objects.filter(fields__data_uri__startswith=folder).exists()
        or TuningJob.objects.filter(
            Q(template__data_uri__startswith=folder) | Q(template__recipe__validation_uri__startswith=folder)
        ).exists()
    )
