"""Reads the table of a batch prediction before SageMaker is asked, and writes the result after it has answered."""

import json
from io import BytesIO
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from common.db.claim import UNCLAIMED, Claim, Unfinished
from common.db.server_paths import hide_paths
from common.db.work import MemoryLimitPassed, TimeLimitPassed, WorkerLost
from common.messages import _
from common.s3_uri import split_s3_uri
from models_app import aws
from models_app.aws import requests as aws_requests
from models_app.aws import s3, s3_store
from models_app.batch import requests
from models_app.catalog.inputs import recipe_of_other_table
from models_app.endpoints.request_form import answer_schema
from models_app.models import TransformJob
from models_app.problems import Problem
from models_app.work.enqueue import enqueue
from models_app.work.table_work import AWAY, Progress, TableWork, check_slot
from models_app.work.whole_table import whole_table
from tables.batch_result import RESULT
from tables.batch_rows import RAW
from tables.failures import ReadFailure

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
        """Take back the progress of a job whose worker gave it back."""
        TransformJob.objects.filter(pk=row.pk).update(preparing={})
        row.changed()

    def give_up(self, row: TransformJob, cause: Exception) -> None:
        """Fail a job whose table was tried too often, with the reason in words."""
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
        step = _encode if claim.row.status == Status.CREATED else _collect
        step(claim)
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


def _encode(claim: Claim[TransformJob]) -> None:
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
    folder, recipe = aws_requests.folder(row.name), recipe_of_other_table(model)
    with whole_table(BATCH, progress) as table:
        written = table.prepare_batch(source, recipe, model.own_schema, row.columns, requests.content_type(row), folder)
    document = {"schema": answer_schema(model), "names": written.columns}
    address = split_s3_uri(requests.file_of(row, requests.SCHEMA))
    s3.upload(address.bucket, address.key, BytesIO(json.dumps(document).encode()), "application/json")
    fields = {"rows": written.rows, "sent": written.sent, "why": written.why, "note": "", "preparing": {}}
    with transaction.atomic():
        claim.lock().move_to(Status.LAUNCHING, **fields, **UNCLAIMED)
        enqueue("batch.launch_transform_job", row.pk)


def _collect(claim: Claim[TransformJob]) -> None:
    row = claim.row
    address, folder = split_s3_uri(requests.file_of(row, requests.SCHEMA)), aws_requests.folder(row.name)
    with s3_store.STORE.open(address.bucket, address.key) as body:
        document = json.loads(body.read())
    progress = Progress(claim, lambda _done, _total: {"note": ""})
    with whole_table(BATCH, progress) as table:
        summary = table.collect_batch(
            requests.file_of(row, RAW), folder, requests.answers_uri(row), document["schema"], document["names"],
            requests.accept(row), row.sent != row.rows,
        )  # fmt: skip
    uri = requests.file_of(row, RESULT)
    claim.move_to(Status.COMPLETED, result=summary.as_json(), output_uri=uri, note="", **UNCLAIMED)
