"""SageMaker's tag operations, on any resource we have."""

from django.db import transaction

from common.capture_tags import MASKED_TAG
from common.notebook_tags import MEASURED_PREFIX
from common.permissions import CREATED_BY_TAG
from engine.auth.identity import role_id
from engine.models import (
    Endpoint,
    EndpointConfig,
    HyperParameterTuningJob,
    Model,
    NotebookInstance,
    NotebookInstanceLifecycleConfig,
    Tag,
    TrainingJob,
    TransformJob,
)
from engine.models.resource import Resource
from engine.services import resources, training_jobs
from engine.wire.call import Call
from engine.wire.errors import ValidationException
from engine.wire.paging import read_token, sign_token
from tables.masking import Mask

TAGGED = (
    TrainingJob,
    TransformJob,
    HyperParameterTuningJob,
    Model,
    EndpointConfig,
    Endpoint,
    NotebookInstance,
    NotebookInstanceLifecycleConfig,
)
KINDS: dict[str, type[Resource]] = {kind.ARN_TYPE: kind for kind in TAGGED}
DEFAULT_PAGE = 50


class Tags:
    """Add, list and delete."""

    def add_tags(self, call: Call, request: dict) -> dict:
        new = resources.checked_tags(request["Tags"])
        with transaction.atomic():
            arn = _resource(call, request["ResourceArn"], for_update=True).arn
            unchanged = {key: value for key, value in _tags(arn).items() if key not in new}
            resources.checked_tags([{"Key": k, "Value": v} for k, v in {**unchanged, **new}.items()])
            for key, value in new.items():
                Tag.objects.update_or_create(arn=arn, key=key, defaults={"value": value})
            return {"Tags": [{"Key": key, "Value": value} for key, value in _tags(arn).items()]}

    def list_tags(self, call: Call, request: dict) -> dict:
        """The tags, and last the one by which AWS names a resource's creator."""
        resource = _resource(call, request["ResourceArn"])
        rows, list_name = Tag.objects.filter(arn=resource.arn).order_by("key"), f"tags of {resource.arn}"
        if token := request.get("NextToken"):
            rows = rows.filter(key__gt=read_token(token, list_name)[0])
        size = request.get("MaxResults", DEFAULT_PAGE)
        tags = list(rows[: size + 1])
        page = [{"Key": tag.key, "Value": tag.value} for tag in tags[:size]]
        if len(tags) > size:
            return {"Tags": page, "NextToken": sign_token(list_name, tags[size - 1].key)}
        return {"Tags": page + _created_by(resource) + _measured(resource) + _masked(resource)}

    def delete_tags(self, call: Call, request: dict) -> dict:
        Tag.objects.filter(arn=_resource(call, request["ResourceArn"]).arn, key__in=request["TagKeys"]).delete()
        return {}


def _tags(arn: str) -> dict[str, str]:
    return dict(Tag.objects.filter(arn=arn).order_by("key").values_list("key", "value"))


def _created_by(resource: Resource) -> list[dict]:
    """AWS's own tag, spelled as AWS does for the session of a role. Clients leave out tags that begin with aws:."""
    if resource.owner is None:
        return []
    return [{"Key": CREATED_BY_TAG, "Value": f"AssumedRole:{role_id()}:{resource.owner.get_username()}"}]


def _measured(resource: Resource) -> list[dict]:
    """What was measured of a notebook instance, in tags that nobody can set: AWS's description has no member for it."""
    activity = resource.activity if isinstance(resource, NotebookInstance) else {}
    return [{"Key": f"{MEASURED_PREFIX}{name}", "Value": str(value)} for name, value in sorted(activity.items())]


def _masked(resource: Resource) -> list[dict]:
    """That data capture masks columns, in a tag that nobody can set: who asked for it relies on it."""
    mask = resource.request.get("Mask") if isinstance(resource, EndpointConfig) else None
    return [{"Key": MASKED_TAG, "Value": str(len(Mask.decode(mask).names))}] if mask else []


def _resource(call: Call, requested: str, for_update: bool = False) -> Resource:
    """The resource with the ARN `requested`; ValidationException unless it is there and the caller's."""
    kind_name, _, name = requested.split(":", 5)[5].partition("/")
    kind = KINDS.get(kind_name)
    if kind is None:
        raise ValidationException(f"{requested}: this engine tags {', '.join(KINDS)} only.")
    arn = kind.arn_of(call.region, name)
    rows = kind._default_manager.select_for_update() if for_update else kind._default_manager
    row = rows.filter(region=call.region, name__lower=name.lower()).first()
    if requested.lower() != arn or row is None:
        missing = (
            training_jobs.MISSING
            if kind is TrainingJob
            else f'Could not find {resources.display_name(kind)} "{requested}".'
        )
        raise ValidationException(missing)
    return row
