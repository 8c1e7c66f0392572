"""Prepares the data of a training job."""

from django.db import transaction

import algorithms
from common.db.claim import Claim
from jobs.code.kinds import ALGORITHM as CODE
from jobs.limits import limit_note, max_runtime
from models_app.aws import job_spec, s3_store
from models_app.models import Model, TrainingJob
from models_app.training.preparation import (
    ENDED,
    PreparationOf,
    describe_data,
    prepare_table,
    run_preparation,
    show_reading,
)
from models_app.training.prepare_code import prepare_code
from models_app.work.enqueue import enqueue
from models_app.work.table_work import check_slot
from tables import PreparedData

Status = TrainingJob.Status


class PreparationWork(PreparationOf[TrainingJob]):
    """Prepares the data of a created training job and lets it be launched."""

    model = TrainingJob
    task = "models_app.training.tasks.prepare_data"
    runner = "models_app.training.prepare.run"


PREPARATION = PreparationWork()


def run(claim: Claim[TrainingJob]) -> None:
    """Prepare the data of a claimed job. Raises ClaimLost, Unfinished."""
    run_preparation(claim, _prepare)


def _prepare(claim: Claim[TrainingJob]) -> None:
    job = claim.row
    model = job.model
    assert model, f"{job} is prepared for a model"
    max_runtime(job_spec.of_model(model))  # a cost limit that cannot be kept fails the job before anything is read
    source = s3_store.locate(model.data_uri)
    s3_store.must_be(source, model.data_etag, "nothing was started")
    check_slot(source.size, claim)
    progress = show_reading(claim, source.size)
    if model.algorithm == CODE:
        prepare_code(claim, source, ENDED)
        return
    ready = prepare_table(PREPARATION, progress, model, source, job.name)
    _prepared(claim, ready, algorithms.get(model.algorithm).settle(model.hyperparameters, ready.facts))


def _prepared(claim: Claim[TrainingJob], ready: PreparedData, hyperparameters: dict[str, str]) -> None:
    schema, lineage = ready.schema, dict(ready.lineage)
    lineage["dropped"] = lineage["rows"] - schema["rows"]
    with transaction.atomic():
        job = claim.lock()
        Model.objects.filter(jobs=job).update(schema=schema, lineage=lineage)
        job.say(describe_data(schema["rows"], len(schema["features"]), lineage["dropped"]))
        assert job.model
        if note := limit_note(job_spec.of_model(job.model)):
            job.say(note)
        job.move_to(
            Status.LAUNCHING,
            channels=ready.channels,
            content_type=ready.content_type,
            hyperparameters=hyperparameters,
            **ENDED,
        )
        enqueue("training.launch_training_job", job.pk)
