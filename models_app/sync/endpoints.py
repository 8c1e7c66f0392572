"""Brings one endpoint's row up to what DescribeEndpoint says."""

import json
import logging

from django.utils.timezone import now

from common.messages import _
from models_app import aws
from models_app.aws.ownership import learn_tags
from models_app.endpoints.actions import forget
from models_app.models import Endpoint
from models_app.work.enqueue import enqueue

Status = Endpoint.Status
log = logging.getLogger(__name__)


def follow_endpoint(endpoint: Endpoint) -> None:
    """Describe `endpoint` and move its row; drop the row when SageMaker has no such endpoint any more. Repeatable."""
    if endpoint.status in (Status.LAUNCHING, Status.DELETING):
        return  # their own verbs know what comes next
    try:
        with aws.plain_errors():
            described = aws.client("sagemaker").describe_endpoint(EndpointName=endpoint.name)
    except aws.NotFound:
        if endpoint.status != Status.FAILED or endpoint.external or endpoint.arn:
            forget(endpoint)  # deleted elsewhere; one of ours that failed before it was made stays to tell why
        return
    is_first = not endpoint.described
    plain = {name: value for name, value in described.items() if name != "ResponseMetadata"}
    endpoint.described = json.loads(json.dumps(plain, default=str))
    endpoint.arn = described["EndpointArn"]
    endpoint.last_synced = now()
    counts = [variant.get("CurrentInstanceCount", 0) for variant in described.get("ProductionVariants", ())]
    endpoint.instances = sum(counts) or 1
    fields = ["described", "arn", "last_synced", "instances"]
    if endpoint.external:
        endpoint.config_name = described.get("EndpointConfigName", "")
        fields.append("config_name")
        if is_first:
            endpoint.owner = learn_tags(endpoint, endpoint.arn)
            fields.append("owner")
    endpoint.save(update_fields=fields)
    _move(endpoint, described)


def _move(endpoint: Endpoint, described: dict) -> None:
    status = described["EndpointStatus"]
    if status == endpoint.status:
        return
    if status not in Endpoint.MOVES.get(endpoint.status, ()):
        log.warning("%s is %s at SageMaker, which does not follow %s", endpoint, status, endpoint.status)
        if endpoint.external:
            forget(endpoint)  # deleted and made again between two looks; the next sweep finds the new one
        return
    moved = endpoint.move_to(status, failure_reason=described.get("FailureReason", ""), note="")
    model = endpoint.model
    if moved and status == Status.IN_SERVICE and model and model.job:
        model.job.say(_("Deployed as %(name)s", name=endpoint.name))
        if model.schema.get("test_rows"):
            enqueue("endpoints.measure_test_rows", endpoint.pk)
