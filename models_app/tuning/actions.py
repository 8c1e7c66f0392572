"""What can be done to a tuning job: stop it."""

from models_app import aws
from models_app.models import TuningJob
from models_app.work.stopping import Stopping


class TuningStopping(Stopping):
    """How tuning jobs are stopped. None is launched here."""

    rows = TuningJob
    stoppable = (TuningJob.Status.IN_PROGRESS,)
    task = "tuning.stop_tuning_job"

    def ask(self, row: TuningJob) -> None:
        aws.client("sagemaker").stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=row.name)


STOPPING = TuningStopping()
