"""Background steps of a training job. Each may be lost or doubled."""

from celery import shared_task

from models_app.models import TrainingJob
from models_app.training import actions
from models_app.training.prepare import PREPARATION
from models_app.work import table_work
from models_app.work.tasks import retrying_task, with_row


@shared_task(time_limit=table_work.KILL_AFTER)
def prepare_data(job_id: int) -> None:
    """Prepare the data of a training job, if it waits for that."""
    PREPARATION.perform(job_id)


@retrying_task
def launch_training_job(job_id: int) -> None:
    """Launch a training job."""
    with_row(TrainingJob, job_id, actions.launch)


@retrying_task
def stop_training_job(job_id: int) -> None:
    """Take the next step to stop a training job."""
    with_row(TrainingJob, job_id, actions.STOPPING.take_step)
