"""Prepares the data of a tuning job, once for all of its training jobs."""

from django.db import transaction

import algorithms
from common.db.claim import Claim
from jobs.limits import max_runtime
from jobs.tuning.checks import search_problems
from models_app.aws import s3_store
from models_app.models import TuningJob
from models_app.training.preparation import (
    ENDED,
    PreparationOf,
    describe_data,
    prepare_table,
    run_preparation,
    show_reading,
)
from models_app.tuning.template import model_of, plan_of, search_of, spec_of
from models_app.work.enqueue import enqueue
from models_app.work.table_work import check_slot
from tables import PreparedData

Status = TuningJob.Status


class TuningPreparation(PreparationOf[TuningJob]):
    """Prepares the data of a created tuning job and lets it be launched."""

    model = TuningJob
    task = "models_app.tuning.tasks.prepare_data"
    runner = "models_app.tuning.prepare.run"


TUNING_PREPARATION = TuningPreparation()


def run(claim: Claim[TuningJob]) -> None:
    """Prepare the data of a claimed tuning job. Raises ClaimLost, Unfinished."""
    run_preparation(claim, _prepare)


def _prepare(claim: Claim[TuningJob]) -> None:
    row, model = claim.row, model_of(claim.row)
    max_runtime(spec_of(row))  # a cost limit that cannot be kept fails the job before anything is read
    source = s3_store.locate(model.data_uri)
    s3_store.must_be(source, model.data_etag, "nothing was started")
    check_slot(source.size, claim)
    ready = prepare_table(TUNING_PREPARATION, show_reading(claim, source.size), model, source, row.name)
    for problem in search_problems(spec_of(row), search_of(row), ready.facts.task):
        raise problem  # the task is known for certain only now
    _prepared(claim, ready, algorithms.get(model.algorithm).settle(model.hyperparameters, ready.facts))


def _prepared(claim: Claim[TuningJob], ready: PreparedData, hyperparameters: dict[str, str]) -> None:
    schema, lineage = ready.schema, dict(ready.lineage)
    lineage["dropped"] = lineage["rows"] - schema["rows"]
    with transaction.atomic():
        row = claim.lock()
        row.say(describe_data(schema["rows"], len(schema["features"]), lineage["dropped"]))
        row.channels, row.content_type, row.schema = ready.channels, ready.content_type, schema
        row.hyperparameters = hyperparameters
        metric = plan_of(row).metric
        row.move_to(
            Status.LAUNCHING,
            schema=schema,
            lineage=lineage,
            channels=ready.channels,
            content_type=ready.content_type,
            hyperparameters=hyperparameters,
            objective=metric.name,
            goal=metric.goal,
            **ENDED,
        )
        enqueue("tuning.launch_tuning_job", row.pk)
