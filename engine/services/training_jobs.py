"""SageMaker's training-job operations."""

from pathlib import Path

from django.db import transaction
from django.utils.timezone import now

from engine.frameworks.images import PROGRAM, SUBMIT_DIRECTORY, titles, trains_script
from engine.models import TrainingJob
from engine.services import resources, validation
from engine.services.training_responses import describe, summarize
from engine.training.transitions import add_transition
from engine.training.work import TRAINING
from engine.wire.call import Call
from engine.wire.errors import ResourceInUse, ValidationException
from engine.wire.paging import paginate
from engine.workloads import checkpoints
from engine.workloads.channels import input_mode

MISSING = "Requested resource not found."
IN_STATUS = "The request was rejected because the training job is in status {}"
RUNNING = (TrainingJob.Status.IN_PROGRESS, TrainingJob.Status.STOPPING)
# Members that would change what training does, and that we have nothing behind. Refusing them beats ignoring them.
UNSUPPORTED = {
    "ServerlessJobConfig": "serverless jobs",
    "ModelPackageConfig": "model packages",
    "MlflowConfig": "MLflow",
    "SessionChainingConfig": "session chaining",
    "DebugRuleConfigurations": "debugger rules",
    "ProfilerRuleConfigurations": "profiler rules",
    "TensorBoardOutputConfig": "TensorBoard output",
}


class TrainingJobs:
    """Create, describe, list, stop and delete."""

    def create_training_job(self, call: Call, request: dict) -> dict:
        name = request["TrainingJobName"]
        conflict = ResourceInUse(
            "Training job names must be unique within an AWS account and region, and a training job with this name "
            f"already exists ({TrainingJob.arn_of(call.region, name)})"
        )
        resources.check_name_free(TrainingJob, call, name, conflict)
        check(request, call.region)
        created = now()
        steps = add_transition([], "Starting", created, created)
        with transaction.atomic():
            job = resources.create(
                TrainingJob, call, name, request, conflict, created=created, modified=created, transitions=steps
            )
            TRAINING.enqueue(job.pk)
        return {"TrainingJobArn": job.arn}

    def describe_training_job(self, call: Call, request: dict) -> dict:
        return describe(self._find(call, request))

    def list_training_jobs(self, call: Call, request: dict) -> dict:
        rows = TrainingJob.objects.filter(region=call.region)
        if "WarmPoolStatusEquals" in request or "TrainingPlanArnEquals" in request:
            rows = rows.none()  # no job of ours has a warm pool or a training plan
        jobs, next_token = paginate(rows, request, order="Ascending")
        return {"TrainingJobSummaries": [summarize(job) for job in jobs], **next_token}

    def stop_training_job(self, call: Call, request: dict) -> dict:
        """Stopping twice is no error; the worker that has the job does the rest."""
        with transaction.atomic():
            job = self._find(call, request, for_update=True)
            if job.status == TrainingJob.Status.STOPPING:
                return {}
            if job.status not in RUNNING:
                raise ValidationException(IN_STATUS.format(job.status))
            steps, at = add_transition(job.transitions, "Stopping", now(), job.created), now()
            job.move_to(job.Status.STOPPING, secondary_status="Stopping", transitions=steps, modified=at)
            TRAINING.enqueue(job.pk)
        return {}

    def delete_training_job(self, call: Call, request: dict) -> dict:
        with transaction.atomic():
            job = self._find(call, request, for_update=True)
            if job.status in RUNNING:
                raise ValidationException(IN_STATUS.format(job.status))
            job.delete()
        return {}

    def _find(self, call: Call, request: dict, for_update: bool = False) -> TrainingJob:
        return resources.find(TrainingJob, call, request["TrainingJobName"], MISSING, for_update)


def check(request: dict, region: str) -> None:
    """What AWS checks before it accepts a job. Hyperparameters are the container's to check, when the job runs."""
    if absent := next(
        (n for n in ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition") if n not in request), None
    ):
        raise ValidationException(f"{absent} is required to train with an algorithm's image.")
    _check_offered(request)
    validation.check_role(request["RoleArn"])
    specification = request["AlgorithmSpecification"]
    script = trains_script(request)
    if script:
        _check_script(request)
    else:
        _check_built_in(request)
        validation.check_training_image(specification.get("TrainingImage"), request["RoleArn"])
    validation.check_instances(request, script)
    if config := request.get("CheckpointConfig"):
        _check_checkpoints(config)
    channels = request.get("InputDataConfig", [])
    names = [channel["ChannelName"] for channel in channels]
    if len(set(names)) < len(names):
        raise ValidationException(f"Channel names must be unique; InputDataConfig has: {', '.join(names)}.")
    for channel in channels:
        _check_mode(channel, input_mode(channel, request), script)
        validation.check_channel(_s3_source(channel), region, request["RoleArn"])
    validation.check_bucket(request["OutputDataConfig"]["S3OutputPath"], "OutputDataConfig.S3OutputPath")


def _check_mode(channel: dict, mode: str, script: bool) -> None:
    """Refuse an input mode or a wrapper of records that nothing here reads."""
    name = channel["ChannelName"]
    if mode == "FastFile" and not script:
        raise ValidationException(
            f"Channel {name!r} has the input mode FastFile; the built-in algorithms of this engine have File and Pipe."
        )
    if channel.get("RecordWrapperType", "None") == "None":
        return
    if mode != "Pipe" or not script:
        raise ValidationException(
            f"Channel {name!r} has the RecordWrapperType {channel['RecordWrapperType']}. Only a script in Pipe mode "
            "gets records; elsewhere the objects are read as they are. Leave RecordWrapperType out, or set it to None."
        )
    if channel.get("CompressionType") == "Gzip":
        raise ValidationException(
            f"Channel {name!r} has the RecordWrapperType RecordIO and the CompressionType Gzip; this engine has either."
        )


def _check_checkpoints(config: dict) -> None:
    validation.check_bucket(config["S3Uri"], "CheckpointConfig.S3Uri")
    try:
        checkpoints.folder_of(config, Path())
    except ValueError as e:
        raise ValidationException(f"CheckpointConfig.LocalPath cannot be used: {e}.") from None


def _check_offered(request: dict) -> None:
    for member, feature in UNSUPPORTED.items():
        if request.get(member):
            raise ValidationException(f"{member}: this engine does not offer {feature}. Leave it out.")
    specification, resource = request["AlgorithmSpecification"], request["ResourceConfig"]
    if "AlgorithmName" in specification:
        raise ValidationException("AlgorithmSpecification.AlgorithmName: give TrainingImage instead.")
    if not (resource.get("InstanceCount") and resource.get("InstanceType")):
        raise ValidationException(
            "ResourceConfig: give InstanceType and InstanceCount. This engine has instances of one type in a job."
        )
    if request["OutputDataConfig"].get("CompressionType", "GZIP") != "GZIP":
        raise ValidationException("OutputDataConfig.CompressionType: this engine writes model.tar.gz. Use GZIP.")
    if request["OutputDataConfig"].get("KmsKeyId") or resource.get("VolumeKmsKeyId"):
        raise ValidationException("This engine has no KMS keys to encrypt with. Leave KmsKeyId empty.")
    stop = request["StoppingCondition"]
    if request.get("EnableManagedSpotTraining") and stop.get("MaxWaitTimeInSeconds", 0) < stop.get(
        "MaxRuntimeInSeconds", 86400
    ):
        raise ValidationException(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
        )


def _check_built_in(request: dict) -> None:
    """Refuse what only an image that runs scripts can have."""
    specification = request["AlgorithmSpecification"]
    if "ContainerEntrypoint" in specification or PROGRAM in request.get("HyperParameters", {}):
        raise ValidationException(
            f"The image {specification.get('TrainingImage')} runs no script here. Give the image of a framework, or "
            f"leave out the entry point. The frameworks are: {titles()}."
        )


def _check_script(request: dict) -> None:
    """Refuse a script's job that cannot run: without an entry point, or without the code that it is in."""
    specification, hyperparameters = request["AlgorithmSpecification"], request.get("HyperParameters", {})
    validation.check_own_code()
    if specification.get("ContainerEntrypoint"):
        return
    missing = next((name for name in (PROGRAM, SUBMIT_DIRECTORY) if name not in hyperparameters), None)
    if missing:
        raise ValidationException(
            f"{specification['TrainingImage']} runs a script, and the request lacks the hyperparameter {missing}. "
            "The SageMaker Python SDK sets it from entry_point and source_dir. ContainerEntrypoint takes its place."
        )


def _s3_source(channel: dict) -> dict:
    source = channel["DataSource"].get("S3DataSource")
    if source is None:
        raise ValidationException(f"Channel {channel['ChannelName']!r}: this engine reads S3DataSource only.")
    if source["S3DataType"] not in ("S3Prefix", "ManifestFile"):
        raise ValidationException(
            f"Channel {channel['ChannelName']!r} has the S3DataType {source['S3DataType']}; this engine has S3Prefix "
            "and ManifestFile."
        )
    return source
