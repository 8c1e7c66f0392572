"""The row of a hyperparameter tuning job."""

from engine.models.job import FiniteResource
from engine.models.resource import one_name


class HyperParameterTuningJob(FiniteResource):
    """One CreateHyperParameterTuningJob request and what became of it. Its training jobs are `training_jobs`."""

    ARN_TYPE = "hyper-parameter-tuning-job"

    class Meta(FiniteResource.Meta):
        constraints = [one_name("tuning_job_name")]
