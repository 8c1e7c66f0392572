"""Background steps of a tuning job. Each may be lost or doubled."""

from models_app.models import TuningJob
from models_app.tuning import actions
from models_app.work.tasks import retrying_task, with_row


@retrying_task
def stop_tuning_job(tuning_id: int) -> None:
    with_row(TuningJob, tuning_id, actions.STOPPING.take_step)
