"""Background steps of a training job. Each may be lost or doubled."""

from models_app.models import TrainingJob
from models_app.training import actions
from models_app.work.tasks import retrying_task, with_row


@retrying_task
def prepare_data(job_id: int) -> None:
    with_row(TrainingJob, job_id, actions.prepare)


@retrying_task
def launch_training_job(job_id: int) -> None:
    with_row(TrainingJob, job_id, actions.launch)


@retrying_task
def stop_training_job(job_id: int) -> None:
    with_row(TrainingJob, job_id, actions.stop_now)
