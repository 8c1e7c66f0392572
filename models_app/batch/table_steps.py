"""Reads the table of a batch prediction before SageMaker is asked, and writes the result after it has answered."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from common.db.claim import UNCLAIMED, Claim, Unfinished
from common.db.server_paths import hide_paths
from common.db.work import MemoryLimitPassed, TimeLimitPassed, WorkerLost
from common.locked_folders import temporary_folder
from common.messages import _
from common.s3_uri import split_s3_uri
from models_app import aws
from models_app.aws import s3, s3_store
from models_app.batch import requests
from models_app.catalog.inputs import download, recipe_of_other_table
from models_app.endpoints.request_form import answer_schema
from models_app.models import TransformJob
from models_app.problems import Problem
from models_app.work.enqueue import enqueue
from models_app.work.table_work import AWAY, Progress, TableWork, check_slot
from tables.batch_result import answers_of, write_result
from tables.batch_rows import write_batch_rows
from tables.failures import ReadFailure
from tables.inspector import inspect_source

Status = TransformJob.Status
ENDED: dict[str, Any] = UNCLAIMED | {"note": "", "preparing": {}}
MAX_TABLE = 5 * 1024**3  # bytes of a table


class BatchWork(TableWork[TransformJob]):
    """Encodes the rows of a batch prediction, or puts the answers beside them."""

    model = TransformJob
    task = "models_app.batch.tasks.read_or_write_table"
    runner = "models_app.batch.table_steps.run"
    waiting = Q(status__in=(Status.CREATED, Status.COLLECTING))
    max_attempts = 5

    def give_back(self, row: TransformJob) -> None:
        TransformJob.objects.filter(pk=row.pk).update(preparing={})
        row.changed()

    def give_up(self, row: TransformJob, cause: Exception) -> None:
        if isinstance(cause, WorkerLost):
            why = f"the worker that had the table died {row.attempt} times. Split the table"
        elif isinstance(cause, MemoryLimitPassed):
            why = f"the table takes more than {cause} of memory. Split it, or raise SAGEWRIGHT_READER_MEMORY"
        elif isinstance(cause, TimeLimitPassed):
            why = f"reading or writing the table took longer than {cause}"
        elif isinstance(cause, ReadFailure):
            why = f"reading the table failed {row.attempt} times: {cause.english.rstrip('.')}"
        else:
            why = f"the table failed {row.attempt} times: {type(cause).__name__}: {hide_paths(str(cause))}"
        fields: dict[str, Any] = {
            "failure_reason": f"InternalServerError: {why}",
            "ended": now(),
            "note": "",
            "preparing": {},
        }
        row.move_to(Status.FAILED, **fields, **UNCLAIMED)


BATCH = BatchWork()


def run(claim: Claim[TransformJob]) -> None:
    """Do the step that the claimed row is at. Raises ClaimLost, Unfinished."""
    try:
        with temporary_folder() as folder:
            step = _encode if claim.row.status == Status.CREATED else _collect
            step(claim, folder)
    except aws.Unavailable as e:
        claim.update(note=e.message)
        raise Unfinished(e.english, counted=False, delay=AWAY) from e
    except ReadFailure:
        raise  # unforeseen: tried again before it is given up
    except Problem as e:
        fields: dict[str, Any] = {
            "failure_reason": f"ClientError: {e.english}",
            "ended": now(),
            "note": "",
            "preparing": {},
        }
        claim.move_to(Status.FAILED, **fields, **UNCLAIMED)


def _encode(claim: Claim[TransformJob], folder: Path) -> None:
    row = claim.row
    model = row.model
    if model is None:
        raise Problem(_("The model was deleted before its rows were predicted."))
    source = s3_store.locate(row.input_uri)
    s3_store.must_be(source, row.input_etag, "nothing was predicted")
    if source.size > MAX_TABLE:
        raise Problem(_("The table is larger than %(limit)s GB. Split it.", limit=MAX_TABLE // 1024**3))
    check_slot(source.size, claim)
    progress = Progress(claim, lambda done, _total: {"note": "", "preparing": {"done": done, "total": source.size}})
    progress.show(0, source.size)
    inspection = inspect_source(source, recipe_of_other_table(model), supervised=False)
    lines, raw = folder / "lines", folder / "raw"
    written = write_batch_rows(
        source, inspection, model.schema, row.columns, requests.content_type(row), lines, raw, progress
    )
    names = [column.name for column in inspection.columns]
    document = {"schema": answer_schema(model), "names": names}
    (folder / "schema").write_text(json.dumps(document))
    for file, name, kind in (
        (lines, requests.REQUESTS, requests.content_type(row)),
        (raw, requests.RAW, "application/vnd.apache.parquet"),
        (folder / "schema", requests.SCHEMA, "application/json"),
    ):
        _upload(file, requests.file_of(row, name), kind)
    fields = {"rows": written.rows, "sent": written.sent, "why": written.why, "note": "", "preparing": {}}
    with transaction.atomic():
        claim.lock().move_to(Status.LAUNCHING, **fields, **UNCLAIMED)
        enqueue("batch.launch_transform_job", row.pk)


def _collect(claim: Claim[TransformJob], folder: Path) -> None:
    row = claim.row
    for name in (requests.RAW, requests.SCHEMA):
        download(requests.file_of(row, name), folder / name, claim.check)
    download(requests.answers_uri(row), folder / "answers", claim.check)
    document = json.loads((folder / requests.SCHEMA).read_text())
    result = folder / requests.RESULT
    with (folder / "answers").open("rb") as lines, result.open("wb") as out:
        answers = answers_of(document["schema"], _checked(lines, claim), requests.accept(row))
        try:
            summary = write_result(folder / requests.RAW, document["names"], answers, out, row.sent != row.rows)
        except (ValueError, KeyError, TypeError, IndexError) as e:
            raise Problem(_("The answers of the model cannot be read: %(why)s", why=str(e)[:200])) from e
    uri = requests.file_of(row, requests.RESULT)
    _upload(result, uri, "text/csv")
    claim.move_to(Status.COMPLETED, result=summary.as_json(), output_uri=uri, note="", **UNCLAIMED)


def _checked(lines: BinaryIO, claim: Claim[TransformJob]) -> Iterator[bytes]:
    """The lines, while the claim holds. Raises ClaimLost."""
    for number, line in enumerate(lines):
        if number % 10_000 == 0:
            claim.check()
        yield line


def _upload(path: Path, uri: str, content_type: str) -> None:
    address = split_s3_uri(uri)
    s3.ensure_bucket(address.bucket)
    with path.open("rb") as body:
        s3.upload(address.bucket, address.key, body, content_type)
