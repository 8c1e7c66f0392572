"""Fills the folder in which a model is evaluated: artifact, schema, and its test rows or rows of a table."""

import json
from collections.abc import Callable
from pathlib import Path

import algorithms
from common.db.claim import Claim
from common.messages import _
from common.model_archive import MAX_BYTES
from common.s3_uri import split_s3_uri
from evaluation import files
from evaluation.kinds import UNLABELLED
from models_app import aws
from models_app.aws import requests, s3, s3_store
from models_app.models import Evaluation, Model, TrainingJob
from models_app.problems import Missing, Problem
from models_app.work.table_work import Progress, TableWork, check_slot
from models_app.work.whole_table import whole_table
from tables import Recipe, Source
from tables.encode_channels import uri_of_test_rows
from tables.raw_rows import uri_of_raw_rows


def is_unlabelled(model: Model) -> bool:
    """True if `model` predicts no label: rows of any table that it reads can be looked at."""
    algorithm = algorithms.ALGORITHMS.get(model.algorithm)
    return bool(algorithm and algorithm.prediction_kind in UNLABELLED and model.schema.get("columns"))


def can_read(model: Model) -> bool:
    """True if `model` can be measured on a table that a person names: rows can be encoded by the names of columns."""
    schema, algorithm = model.schema, algorithms.ALGORITHMS.get(model.algorithm)
    features = any(column["role"] == "feature" for column in schema.get("columns", ()))
    return bool(algorithm and features and (schema.get("target") if algorithm.supervised else is_unlabelled(model)))


def recipe_of_other_table(model: Model) -> Recipe:
    """How a table other than that of training is read: cells as in training, separators as they are found."""
    recipe = Recipe(types=model.recipe.get("types", {}), numbers=model.recipe.get("numbers", {}))
    recipe.dates, recipe.has_header = model.recipe.get("dates", {}), None if model.has_header else False
    return recipe


def fill(folder: Path, job: TrainingJob, model: Model, claim: Claim[Evaluation], work: TableWork[Evaluation]) -> None:
    """Fill `folder` as `evaluation.files` says: with rows of the table that the claimed row names, else the test rows.

    Without a label there are no test rows; then with rows of the table that the model was trained on.

    A table that takes too much memory gives the row of `work` up. Raises Problem, ClaimLost, Unfinished.
    """
    request = {"algorithm": model.algorithm, "content_type": job.content_type}
    if uri := claim.row.on:
        request |= _read_named_table(folder, model, uri, claim, work)
    elif model.schema.get("test_rows"):
        request["test_rows"] = model.schema["test_rows"]
        _download_test_rows(folder, job, claim)
    else:
        request |= _read_table(folder, model, claim, work)
    (folder / files.REQUEST).write_text(json.dumps(request))
    (folder / files.SCHEMA).write_text(json.dumps(model.own_schema))
    download(job.artifact, folder / files.ARTIFACT, claim.check)


def _read_table(folder: Path, model: Model, claim: Claim[Evaluation], work: TableWork[Evaluation]) -> dict:
    """Write rows of the table that `model` was trained on, and return what the request says of them."""
    source = s3_store.locate(model.data_uri)
    s3_store.must_be(source, model.data_etag, _("the model was trained on other rows"))
    return _sample(folder, source, model.full_recipe, model, claim, work)


def _read_named_table(
    folder: Path, model: Model, uri: str, claim: Claim[Evaluation], work: TableWork[Evaluation]
) -> dict:
    """The same of the table at `uri`."""
    request = _sample(folder, s3_store.locate(uri), recipe_of_other_table(model), model, claim, work)
    request["table"] |= {"uri": uri, "is_training": uri == model.data_uri}
    return request


def _sample(
    folder: Path, source: Source, recipe: Recipe, model: Model, claim: Claim[Evaluation], work: TableWork[Evaluation]
) -> dict:
    check_slot(source.size, claim)
    with whole_table(work, Progress(claim, lambda _done, _total: {"failure": ""})) as table:
        sample = table.sample(source, recipe, model.own_schema, folder, files.JOB)
    return {"test_rows": sample.rows, "table": {"is_whole": sample.is_whole}}


def _download_test_rows(folder: Path, job: TrainingJob, claim: Claim[Evaluation]) -> None:
    of_job = requests.folder(job.name)
    rows = s3_store.locate(uri_of_test_rows(of_job))
    for part in rows.objects:
        download(rows.name(part), _local_path(folder, of_job, rows.name(part)), claim.check)
    raw = uri_of_raw_rows(of_job)
    try:
        download(raw, _local_path(folder, of_job, raw), claim.check)
    except Missing:  # prepared by a version that kept the encoded rows alone
        return


def _local_path(folder: Path, of_job: str, uri: str) -> Path:
    path = folder / split_s3_uri(files.JOB).bucket / split_s3_uri(files.JOB).key / uri.removeprefix(f"{of_job}/")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def download(uri: str, path: Path, check: Callable[[], None]) -> None:
    """Write the object at `uri` to `path`, calling `check` between pieces. Raises Problem."""
    address = split_s3_uri(uri)
    download = s3.open_object(address.bucket, address.key)
    if download.size > MAX_BYTES:
        raise Problem(_("%(uri)s is larger than %(limit)s bytes.", uri=uri, limit=f"{MAX_BYTES:,}"))
    with path.open("wb") as file, aws.plain_errors():
        for piece in download.body_iter:
            check()
            file.write(piece)
