"""Makes a job of people's own code ready: the data stays as it is, the source goes to the job's folder."""

from __future__ import annotations

from django.db import transaction

from common.db.claim import Claim
from common.messages import _
from jobs.code.request import train_channel
from jobs.code.spec import CodeSpec
from jobs.code_plan import channels_of, plan_code_prepared
from jobs.limits import limit_note
from models_app.aws import job_spec, s3_store
from models_app.models import Model, TrainingJob
from models_app.training.code_schema import lineage_of, schema_of
from models_app.training.code_source import channel_options, write_source
from models_app.work.enqueue import enqueue
from tables import Source

Status = TrainingJob.Status


def prepare_code(claim: Claim[TrainingJob], source: Source, ended: dict) -> None:
    """Write the source of a claimed job and let it be launched; `ended` are the fields of a claim that is over.

    Repeatable. Raises Problem.
    """
    job = claim.row
    model = job.model
    assert model, f"{job} is prepared for a model"
    spec = job_spec.of_model(model).but(name=job.name)
    code = CodeSpec.from_json(spec.code)
    table = s3_store.inspect_source(source, model.full_recipe)
    encoded = code.encode(spec.hyperparameters)
    channels = channels_of(spec, code, table.format)
    plan = plan_code_prepared(spec, {}, {}, encoded)
    write_source(code, channel_options(code, table, model.target), plan.source_uri)
    schema, lineage = schema_of(table, model.target), lineage_of(source, table)
    with transaction.atomic():
        locked = claim.lock()
        Model.objects.filter(jobs=locked).update(schema=schema, lineage=lineage)
        words = _("Code sent: %(file)s, %(n)s lines", file=code.file, n=code.lines)
        locked.say(words)
        if note := limit_note(spec):
            locked.say(note)
        locked.move_to(
            Status.LAUNCHING,
            channels={channel.name: channel.uri for channel in channels} or {train_channel(code): spec.data_uri},
            content_type=channels[0].content_type,
            hyperparameters=encoded,
            **ended,
        )
        enqueue("training.launch_training_job", locked.pk)
