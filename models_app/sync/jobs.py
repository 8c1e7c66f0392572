"""Brings one training job's row up to what DescribeTrainingJob and its log say."""

import json
import logging
from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

import algorithms
from common.messages import _
from models_app import aws
from models_app.aws import s3
from models_app.aws.ownership import learn_tags
from models_app.catalog import actions as model_verbs
from models_app.catalog import evaluating
from models_app.costs.charges import charge_job
from models_app.endpoints import deploy_policy
from models_app.models import TrainingJob
from models_app.notifications import announce
from models_app.problems import Problem
from models_app.sync import values
from models_app.sync.logs import follow_log, keep_error_lines

Status = TrainingJob.Status
OLD = timedelta(days=1)  # a job of others that ended before this is listed, but its log is not read
log = logging.getLogger(__name__)


def follow_job(job: TrainingJob) -> None:
    """Describe `job`, read on in its log, move its row. Repeatable; two at once do not disturb each other."""
    if job.status in (Status.CREATED, Status.LAUNCHING):
        return
    try:
        with aws.plain_errors():
            described = aws.client("sagemaker").describe_training_job(TrainingJobName=job.name)
    except aws.NotFound:
        _gone(job)
        return
    first_look, facts = job.followed is None, _facts(job, described)
    visible = any(getattr(job, name) != value for name, value in facts.items() if name in _VISIBLE)
    for name, value in facts.items():
        setattr(job, name, value)
    job.save(update_fields=[*facts])
    if job.artifact and job.artifact_bytes is None:
        _measure_artifact(job)
    if job.external and job.ended and now() - job.ended > OLD:
        TrainingJob.objects.filter(pk=job.pk).update(log_done=True)
    else:
        follow_log(job, over=described["TrainingJobStatus"] not in (Status.IN_PROGRESS, Status.STOPPING))
    if described["TrainingJobStatus"] == Status.FAILED:
        keep_error_lines(job)
    moved = _move(job, described)
    if moved or visible:
        values.store_job(job)
        charge_job(job)
    if visible and not moved:
        job.changed()
    if job.external and first_look:
        announce.job_ended(job)  # it was found as ended, so it makes no move


_VISIBLE = ("secondary_status", "started", "ended", "artifact", "final_metrics")


def _facts(job: TrainingJob, described: dict) -> dict:
    """What the row keeps of a DescribeTrainingJob answer, whatever the status."""
    plain = {name: value for name, value in described.items() if name != "ResponseMetadata"}
    algorithm = algorithms.for_image(described["AlgorithmSpecification"].get("TrainingImage", ""))
    facts = {
        "arn": described["TrainingJobArn"],
        "secondary_status": described.get("SecondaryStatus", ""),
        "started": described.get("TrainingStartTime"),
        "ended": described.get("TrainingEndTime"),
        "billable_seconds": described.get("BillableTimeInSeconds"),
        "artifact": _artifact(described),
        "instance_type": described["ResourceConfig"].get("InstanceType", ""),
        "final_metrics": {m["MetricName"]: m["Value"] for m in described.get("FinalMetricDataList", ())},
        "described": json.loads(json.dumps(plain, default=str)),
        "modified": described.get("LastModifiedTime"),
        "last_synced": now(),
        "followed": now(),
    }
    if job.external:
        facts["algorithm"] = algorithm.name if algorithm else ""
        facts["hyperparameters"] = described.get("HyperParameters", {})
        if job.followed is None:
            facts["owner"] = learn_tags(job, described["TrainingJobArn"])
    return facts


def _measure_artifact(job: TrainingJob) -> None:
    """Store how large the model is; a store that is away, or an artifact that is gone, leaves it unknown."""
    try:
        size = s3.size(job.artifact)
    except (aws.Refused, aws.Unavailable) as e:
        log.info("%s: the size of %s is not known: %s", job, job.artifact, e)
        return
    job.artifact_bytes = size
    TrainingJob.objects.filter(pk=job.pk).update(artifact_bytes=size)


def _artifact(described: dict) -> str:
    """Where the model is; '' until there is one. SageMaker names the place long before anything is there."""
    if described["TrainingJobStatus"] not in (Status.COMPLETED, Status.STOPPED):
        return ""
    return described.get("ModelArtifacts", {}).get("S3ModelArtifacts", "")


def _move(job: TrainingJob, described: dict) -> bool:
    """Move the row to the status SageMaker tells; when training is complete, on to its deployment."""
    status = described["TrainingJobStatus"]
    if status == job.status:
        return False
    if status not in TrainingJob.MOVES.get(job.status, ()):
        log.warning("%s is %s at SageMaker, which does not follow %s", job, status, job.status)
        return False
    with transaction.atomic():
        moved = job.move_to(status, failure_reason=described.get("FailureReason", ""), note="")
        if moved and status == Status.COMPLETED:
            evaluating.start(job)
            _deploy(job)
    return moved


def _deploy(job: TrainingJob) -> None:
    """What the model was told to do when trained. In one transaction with the move, or a crash would forget it."""
    model = job.model
    if not model or not model.deploy_when_done or model.deleting or model.job_id != job.pk or model.endpoint_id:
        return
    model.job = job
    if why := deploy_policy.held_back(model, job):
        _not_deployed(job, why)
        return
    try:
        model_verbs.add_endpoint(model, model.endpoint_name or model.name)
    except Problem as e:
        _not_deployed(job, _("Not deployed: %(message)s", message=e.message))


def _not_deployed(job: TrainingJob, why: str) -> None:
    """Keep the reason where the model's page shows it, until somebody deploys it anyway."""
    job.note = why
    TrainingJob.objects.filter(pk=job.pk).update(note=job.note)
    job.say(why)
    announce.model_ready(job, why)


def _gone(job: TrainingJob) -> None:
    """SageMaker does not know the job any more: somebody deleted it there."""
    if job.external:
        job.changed()
        job.delete()
    elif not job.is_final:
        job.move_to(Status.FAILED, failure_reason=_("The training job was deleted at SageMaker."), ended=now())
    else:
        TrainingJob.objects.filter(pk=job.pk).update(log_done=True, followed=now())
