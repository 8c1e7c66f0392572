"""SageMaker's batch-transform operations."""

from django.db import transaction
from django.utils.timezone import now

from engine.frameworks.images import serves_script
from engine.models import Model, TransformJob
from engine.records import formats
from engine.records.filters import EVERYTHING, Filter
from engine.records.settings import DEFAULT_PAYLOAD, MAX_PAYLOAD
from engine.services import resources, validation
from engine.services.models import container_of, model_data
from engine.transform.work import TRANSFORM
from engine.wire.call import Call
from engine.wire.errors import ResourceInUse, ValidationException
from engine.wire.paging import paginate

IN_STATUS = "The request was rejected because the transform job is in status {}"
RUNNING = (TransformJob.Status.IN_PROGRESS, TransformJob.Status.STOPPING)
ECHOED = (
    "ModelName", "MaxConcurrentTransforms", "ModelClientConfig", "MaxPayloadInMB", "BatchStrategy", "Environment",
    "TransformInput", "TransformResources", "ExperimentConfig",
)  # fmt: skip
OFFERED = {"SplitType": ("None", "Line"), "S3DataType": ("S3Prefix", "ManifestFile")}


class TransformJobs:
    """Create, describe, list and stop."""

    def create_transform_job(self, call: Call, request: dict) -> dict:
        name = request["TransformJobName"]
        conflict = ResourceInUse(
            "Job name must be unique within an AWS account and region, and a job with this name already exists "
            f"({TransformJob.arn_of(call.region, name)})"
        )
        resources.check_name_free(TransformJob, call, name, conflict)
        model = resources.find(Model, call, request["ModelName"])
        _check(request, call.region, model.request.get("ExecutionRoleArn", ""))
        container = container_of(model.request)
        taken = {
            "Image": container.get("Image", ""),
            "ModelDataUrl": model_data(container),
            "Environment": container.get("Environment", {}),
        }
        _check_accept(request["TransformOutput"].get("Accept", ""), taken)
        with transaction.atomic():
            job = resources.create(TransformJob, call, name, request, conflict, container=taken)
            TRANSFORM.enqueue(job.pk)
        return {"TransformJobArn": job.arn}

    def describe_transform_job(self, call: Call, request: dict) -> dict:
        return _describe(_find(call, request))

    def list_transform_jobs(self, call: Call, request: dict) -> dict:
        jobs, next_token = paginate(TransformJob.objects.filter(region=call.region), request)
        return {"TransformJobSummaries": [_summarize(job) for job in jobs], **next_token}

    def stop_transform_job(self, call: Call, request: dict) -> dict:
        """Stopping twice is no error; the worker that has the job does the rest."""
        with transaction.atomic():
            job = _find(call, request, for_update=True)
            if job.status == TransformJob.Status.STOPPING:
                return {}
            if job.status not in RUNNING:
                raise ValidationException(IN_STATUS.format(job.status))
            job.move_to(job.Status.STOPPING, modified=now())
            TRANSFORM.enqueue(job.pk)
        return {}


def _find(call: Call, request: dict, for_update: bool = False) -> TransformJob:
    name = request["TransformJobName"]
    return resources.find(TransformJob, call, name, f"Could not find requested job with name: {name}", for_update)


def _describe(job: TransformJob) -> dict:
    """Everything about the job. What is not known yet is left out, as AWS does."""
    request = job.request
    answer = {name: request[name] for name in ECHOED if name in request} | {
        "TransformJobName": job.name,
        "TransformJobArn": job.arn,
        "TransformJobStatus": job.status,
        "FailureReason": job.failure_reason or None,
        "CreationTime": job.created,
        "TransformStartTime": job.started,
        "TransformEndTime": job.ended,
        "DataProcessing": {"InputFilter": EVERYTHING, "OutputFilter": EVERYTHING, "JoinSource": "None"}
        | request.get("DataProcessing", {}),
    }
    answer["TransformInput"] = {"CompressionType": "None", "SplitType": "None", **request["TransformInput"]}
    answer["TransformOutput"] = {"AssembleWith": "None", "KmsKeyId": "", **request["TransformOutput"]}
    return answer


def _summarize(job: TransformJob) -> dict:
    return {
        "TransformJobName": job.name,
        "TransformJobArn": job.arn,
        "CreationTime": job.created,
        "TransformEndTime": job.ended,
        "LastModifiedTime": job.modified,
        "TransformJobStatus": job.status,
        "FailureReason": job.failure_reason or None,
    }


def _check(request: dict, region: str, role: str) -> None:
    """What AWS checks before it accepts a job, and what this engine lacks."""
    transform_input, resource = request["TransformInput"], request["TransformResources"]
    if request.get("DataCaptureConfig"):
        raise ValidationException("DataCaptureConfig: this engine does not offer data capture. Leave it out.")
    if request["TransformOutput"].get("KmsKeyId") or resource.get("VolumeKmsKeyId"):
        raise ValidationException("This engine has no KMS keys to encrypt with. Leave KmsKeyId empty.")
    if resource["InstanceCount"] != 1:
        raise ValidationException("TransformResources: this engine transforms on one instance. Give InstanceCount 1.")
    source = transform_input["DataSource"]["S3DataSource"]
    for member, value in (
        ("SplitType", transform_input.get("SplitType", "None")),
        ("S3DataType", source["S3DataType"]),
    ):
        if value not in OFFERED[member]:
            offered = " and ".join(OFFERED[member])
            raise ValidationException(f"TransformInput: the {member} {value} is not offered here. There are {offered}.")
    _check_sizes(request)
    _check_processing(request)
    validation.check_channel(source, region, role)
    validation.check_bucket(request["TransformOutput"]["S3OutputPath"], "TransformOutput.S3OutputPath")


def _check_accept(accept: str, container: dict) -> None:
    """Refuse what endpoints of built-in models answer and batch transforms do not. Scripts get it as it is."""
    if "reasons=" in accept and not serves_script(container["Image"], container["Environment"]):
        raise ValidationException(
            "TransformOutput.Accept: this engine does not offer reasons= in a batch transform. Leave it out, or ask an "
            "endpoint, with up to 100 rows in a request."
        )


def _check_sizes(request: dict) -> None:
    payload = request.get("MaxPayloadInMB", DEFAULT_PAYLOAD)
    together = payload * max(1, request.get("MaxConcurrentTransforms", 1))
    if together > MAX_PAYLOAD:
        raise ValidationException(
            f"MaxConcurrentTransforms * MaxPayloadInMB must not exceed {MAX_PAYLOAD} MB; they give {together}. Lower "
            "one of them."
        )


def _check_processing(request: dict) -> None:
    """Refuse filters and joins of what cannot be taken apart."""
    processing, transform_input, output = (
        request.get("DataProcessing", {}),
        request["TransformInput"],
        request["TransformOutput"],
    )
    for member in ("InputFilter", "OutputFilter"):
        try:
            Filter(processing.get(member) or EVERYTHING)
        except ValueError as e:
            raise ValidationException(f"DataProcessing.{member}: {e}") from None
    joins = processing.get("JoinSource", "None") == "Input"
    filters_input = processing.get("InputFilter", EVERYTHING) != EVERYTHING
    kind, accepted = formats.kind_of(transform_input.get("ContentType", "")), formats.kind_of(output.get("Accept", ""))
    if (joins or filters_input) and not kind:
        raise ValidationException(
            "DataProcessing: only records of CSV, JSON and JSON Lines can be filtered or joined. Set "
            "TransformInput.ContentType to text/csv, application/json or application/jsonlines."
        )
    if joins and accepted and accepted != kind:
        raise ValidationException(
            f"DataProcessing: JoinSource Input needs the same format on both sides, and ContentType is "
            f"{transform_input['ContentType']} while Accept is {output['Accept']}."
        )
    split = transform_input.get("SplitType", "None")
    if joins and split != output.get("AssembleWith", "None"):
        raise ValidationException(
            f"DataProcessing: JoinSource Input needs an AssembleWith that equals the SplitType, which is {split}."
        )
