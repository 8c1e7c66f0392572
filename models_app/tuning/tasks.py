"""Background steps of a tuning job. Each may be lost or doubled."""

from celery import shared_task

from models_app.models import TuningJob
from models_app.tuning import actions
from models_app.tuning.prepare import TUNING_PREPARATION
from models_app.work import table_work
from models_app.work.tasks import retrying_task, with_row


@shared_task(time_limit=table_work.KILL_AFTER)
def prepare_data(tuning_id: int) -> None:
    """Prepare the data of a tuning job, if it waits for that."""
    TUNING_PREPARATION.perform(tuning_id)


@retrying_task
def launch_tuning_job(tuning_id: int) -> None:
    """Launch a tuning job."""
    with_row(TuningJob, tuning_id, actions.launch)


@retrying_task
def stop_tuning_job(tuning_id: int) -> None:
    """Take the next step to stop a tuning job."""
    with_row(TuningJob, tuning_id, actions.STOPPING.take_step)
