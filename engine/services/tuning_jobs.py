"""SageMaker's hyperparameter-tuning operations."""

from django.db import transaction
from django.utils.timezone import now

from engine.models import HyperParameterTuningJob
from engine.services import resources, tuning_parents, tuning_validation
from engine.services.tuning_responses import describe, summarize, summarize_training_job
from engine.tuning.objective import value_of
from engine.tuning.tasks import send
from engine.wire.call import Call
from engine.wire.errors import ResourceInUse, ResourceNotFound, ValidationException
from engine.wire.paging import paginate, read_token, sign_token

Status = HyperParameterTuningJob.Status
CHECKED_BY = (tuning_validation, tuning_parents)  # whose refusals the reference lists
IN_STATUS = "The request was rejected because the hyperparameter tuning job is in status {}"


class TuningJobs:
    """Create, describe, list, stop and delete, and the list of one's training jobs."""

    def create_hyper_parameter_tuning_job(self, call: Call, request: dict) -> dict:
        name = request["HyperParameterTuningJobName"]
        conflict = ResourceInUse(
            f"A hyperparameter tuning job with the name, {name}, already exists. Choose a different name."
        )
        resources.check_name_free(HyperParameterTuningJob, call, name, conflict)
        tuning_validation.check(request, call.region)
        with transaction.atomic():
            job = resources.create(HyperParameterTuningJob, call, name, request, conflict)
            send(job.pk)
        return {"HyperParameterTuningJobArn": job.arn}

    def describe_hyper_parameter_tuning_job(self, call: Call, request: dict) -> dict:
        return describe(_find(call, request))

    def list_hyper_parameter_tuning_jobs(self, call: Call, request: dict) -> dict:
        jobs, next_token = paginate(HyperParameterTuningJob.objects.filter(region=call.region), request)
        return {"HyperParameterTuningJobSummaries": [summarize(job) for job in jobs], **next_token}

    def stop_hyper_parameter_tuning_job(self, call: Call, request: dict) -> dict:
        """Stopping twice is no error; the training jobs that run are stopped, and then the job is Stopped."""
        with transaction.atomic():
            job = _find(call, request, for_update=True)
            if job.status == Status.STOPPING:
                return {}
            if job.status != Status.IN_PROGRESS:
                raise ValidationException(IN_STATUS.format(job.status))
            job.move_to(Status.STOPPING, modified=now())
            send(job.pk)
        return {}

    def delete_hyper_parameter_tuning_job(self, call: Call, request: dict) -> dict:
        """Only the job itself goes, as at AWS: its training jobs and their artifacts stay."""
        with transaction.atomic():
            job = _find(call, request, for_update=True)
            if job.status in (Status.IN_PROGRESS, Status.STOPPING):
                raise ValidationException(IN_STATUS.format(job.status))
            job.delete()
        return {}

    def list_training_jobs_for_hyper_parameter_tuning_job(self, call: Call, request: dict) -> dict:
        job = _find(call, request)
        rows = job.training_jobs.all()
        if request.get("SortBy") == "FinalObjectiveMetricValue":
            children, next_token = _by_value(job, rows, request)
        else:
            children, next_token = paginate(rows, request)
        return {"TrainingJobSummaries": [summarize_training_job(job, child) for child in children], **next_token}


def _by_value(job: HyperParameterTuningJob, rows, request: dict) -> tuple[list, dict]:
    """The page of training jobs in the order of their objective metric; those without one are not listed, as at AWS."""
    if "StatusEquals" in request:
        rows = rows.filter(status=request["StatusEquals"])
    valued = [(value, child) for child in rows.order_by("pk") if (value := value_of(job.request, child)) is not None]
    descending = request.get("SortOrder", "Ascending") == "Descending"
    ordered = [child for _, child in sorted(valued, key=lambda pair: pair[0], reverse=descending)]
    list_name = f"training jobs of {job.arn} by value"
    start = read_token(request["NextToken"], list_name)[0] if request.get("NextToken") else 0
    end = start + request.get("MaxResults", 10)
    return ordered[start:end], {"NextToken": sign_token(list_name, end)} if end < len(ordered) else {}


def _find(call: Call, request: dict, for_update: bool = False) -> HyperParameterTuningJob:
    name = request["HyperParameterTuningJobName"]
    try:
        return resources.find(HyperParameterTuningJob, call, name, for_update=for_update)
    except ValidationException:
        raise ResourceNotFound(tuning_parents.NOT_FOUND.format(name)) from None
