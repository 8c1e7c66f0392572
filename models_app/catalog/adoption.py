"""Saves the model of a job that the console did not start by itself.

Of another client's job the schema comes by inspection and the test rows from its validation channel; of a training job
of one of the console's tuning jobs, both were prepared with the data that all its tries share.
"""

import json
from functools import partial
from io import BytesIO
from typing import Any

from django.db import IntegrityError, transaction

import algorithms
from common.messages import _
from common.s3_uri import split_s3_uri
from models_app.aws import job_spec, names, requests, s3, s3_store
from models_app.catalog import evaluating
from models_app.models import Model, Tag, TrainingJob
from models_app.problems import Problem
from models_app.tuning.template import model_of_trial, tuning_of
from tables import Inspection, Recipe
from tables.encode_channels import uri_of_test_rows
from tables.outline import outline
from tables.predictions import SCORE_KIND
from tables.raw_rows import uri_of_raw_rows

MAX_ROWS_BYTES = 64 * 1024 * 1024  # of a validation channel that is copied as test rows


def save_as_model(user, job: TrainingJob) -> Model:
    """Add the model that `job` made to the catalogue, for `user`, and start its evaluation where it has rows for that.

    The label is the first column, unless a tuning job of the console prepared the data. Repeatable: the model that
    `job` has already is returned. Raises Problem.
    """
    if job.model:
        return job.model
    if not job_spec.can_be_saved(job):
        raise Problem(_("Job %(name)s has no model that the console can read.", name=job.name))
    model, channels = _tried(job) or (_inspected_model(job), {})
    model.owner = user
    try:
        with transaction.atomic():
            model.save()
            if not TrainingJob.objects.filter(pk=job.pk, model=None).update(model=model, **channels):
                raise Problem(_("Job %(name)s is saved as a model already.", name=job.name))
            Tag.write(model, Tag.of(job))
            model.job = job
            model.save(update_fields=["job"])
    except IntegrityError:
        raise Problem(_("Model name %(name)s already exists. Enter a different name.", name=model.name)) from None
    job.refresh_from_db()
    job.say(_("Model %(name)s created", name=model.name))
    evaluating.start(job)
    return model


def _tried(job: TrainingJob) -> tuple[Model, dict[str, Any]] | None:
    """(the model, not saved, that a try of a tuning job of the console made, what its job reads); None for others."""
    tuning, model = tuning_of(job), model_of_trial(job)
    if tuning is None or model is None:
        return None
    shared, own = requests.folder(tuning.name), requests.folder(job.name)
    for uri_of in (_schema_uri, uri_of_test_rows, uri_of_raw_rows):
        s3.copy(uri_of(shared), uri_of(own))
    model.name = _free_name(tuning.name)
    return model, {"channels": tuning.channels, "content_type": tuning.content_type}


def _inspected_model(job: TrainingJob) -> Model:
    """The model, not saved, of another client's job."""
    spec = job_spec.of_described(job)
    table, recipe = _inspected(spec.data_uri, job.algorithm)
    schema = _schema(table, recipe, job)
    validation = spec.recipe.validation_uri
    if validation and (rows := _copy_test_rows(job, validation, schema)):
        schema["test_rows"] = rows
    address = split_s3_uri(_schema_uri(requests.folder(job.name)))
    s3.ensure_bucket(address.bucket)
    s3.upload(address.bucket, address.key, BytesIO(json.dumps(schema).encode()), "application/json")
    spec = spec.but(data_uri=table.uri, data_etag=table.etag)
    return Model(
        name=_free_name(job.name), data_format=table.format, has_header=False, delimiter=table.delimiter or ",",
        target=recipe.target, schema=schema, **spec.as_row(),
    )  # fmt: skip


def _schema_uri(folder: str) -> str:
    return f"{folder}/schema.json"


def _free_name(name: str) -> str:
    """The job's own name for the model, or one like it that is free."""
    taken = lambda candidate: Model.objects.filter(name=candidate).exists()  # noqa: E731
    return names.suggest(name, taken) if taken(name) or name in names.RESERVED else name


def _inspected(uri: str, algorithm: str) -> tuple[Inspection, Recipe]:
    """The table of the train channel, its first column the target where there is one."""
    recipe = Recipe(prepare=False, has_header=False, validation="none")
    table = s3_store.inspect(uri, recipe, supervised=False)
    if algorithms.get(algorithm).supervised and table.columns:
        recipe.target = table.columns[0].name
        table = s3_store.inspect(uri, recipe)
    return table, recipe


def _schema(table: Inspection, recipe: Recipe, job: TrainingJob) -> dict[str, Any]:
    """The schema of objects that went to the algorithm as they are, as far as the beginning of the table tells."""
    algorithm = algorithms.get(job.algorithm)
    if table.profile is None:
        raise Problem(_("The table at %(uri)s cannot be read.", uri=table.uri))
    # A job that says nothing was trained by the container's defaults, not by what the console would settle on.
    defaults = {h.name: str(h.default) for h in algorithm.hyperparameters if h.default is not None}
    hyperparameters = defaults | job.hyperparameters
    schema = outline(table, table.profile, recipe, algorithm, partial(algorithm.task_of, hyperparameters)).schema
    schema |= {"algorithm": algorithm.name}
    if algorithm.supervised:
        schema[SCORE_KIND] = algorithm.score_kind(hyperparameters, schema["task"]).value
    return schema | ({"rows": table.rows_total} if table.rows_total else {})


def _copy_test_rows(job: TrainingJob, uri: str, schema: dict[str, Any]) -> int:
    """Copy the validation channel to where test rows are, and return how many there are; 0 if they cannot serve.

    They can when their labels are what the model answers: numbers to predict, or classes that count from 0.
    """
    counted = [str(number) for number in range(len(schema["classes"]))]
    if not schema["target"] or schema["classes"] != counted:
        return 0
    source = s3_store.locate(uri)
    if source.size > MAX_ROWS_BYTES or job.described.get("InputDataConfig", [{}])[0].get("CompressionType") == "Gzip":
        return 0
    rows, target = 0, split_s3_uri(uri_of_test_rows(requests.folder(job.name)))
    s3.ensure_bucket(target.bucket)
    for number, item in enumerate(source.objects):
        body = source.fetch(item, 0, item.size) if item.size else b""
        rows += sum(1 for line in body.splitlines() if line.strip())
        s3.upload(target.bucket, f"{target.key}part-{number:05}.csv", BytesIO(body), "text/csv")
    return rows
