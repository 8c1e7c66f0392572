"""Background steps of a batch prediction. Each may be lost or doubled."""

from celery import shared_task

from models_app.batch import actions
from models_app.batch.table_steps import BATCH
from models_app.models import TransformJob
from models_app.work import table_work
from models_app.work.tasks import retrying_task, with_row


@shared_task(time_limit=table_work.KILL_AFTER)
def read_or_write_table(transform_id: int) -> None:
    """Write the rows of a batch prediction, or put its answers beside them, whichever it waits for."""
    BATCH.perform(transform_id)


@retrying_task
def launch_transform_job(transform_id: int) -> None:
    """Launch a transform job."""
    with_row(TransformJob, transform_id, actions.launch)


@retrying_task
def stop_transform_job(transform_id: int) -> None:
    """Take the next step to stop a transform job."""
    with_row(TransformJob, transform_id, actions.STOPPING.take_step)
