"""SageMaker's endpoint operations. Here they are only accepted; `engine.hosting` carries them out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from common.db.claim import UNSTARTED
from common.db.nudge import waiting_for
from engine.hosting.claims import DEPLOYMENT, route_topic
from engine.models import Endpoint, EndpointConfig
from engine.services import resources
from engine.services.endpoint_configs import capture_of, check_unique_variants, variants_of
from engine.services.endpoint_responses import describe, summarize
from engine.wire.call import Call
from engine.wire.errors import ValidationException
from engine.wire.paging import paginate

Status = Endpoint.Status
# SDKs describe at once after a create and then not for 30 seconds; after a delete they describe once expecting none.
# A response that waits for a change that has just begun serves both. A later call is polling and does not wait.
TRANSIENT = (Status.CREATING, Status.DELETING)
FIRST_POLL, MAX_WAIT = timedelta(seconds=1), timedelta(seconds=15)
LOOK = 0.5  # seconds between two looks at an endpoint whose nudge may be lost
_waiting_slots = BoundedSemaphore(2)  # a response that waits holds a thread of the process, which has few


class Endpoints:
    """Create, describe, list, update, change weights and delete."""

    def create_endpoint(self, call: Call, request: dict) -> dict:
        name = request["EndpointName"]
        conflict = ValidationException(
            f'Cannot create already existing endpoint "{Endpoint.arn_of(call.region, name)}".'
        )
        resources.check_name_free(Endpoint, call, name, conflict)
        _check_deployment(request)
        config = resources.find(EndpointConfig, call, request["EndpointConfigName"])
        target: dict[str, Any] = {"target_config": config.name, "target_variants": variants_of(call, config.request)}
        target["target_capture"] = capture_of(config)
        with transaction.atomic():
            endpoint = resources.create(Endpoint, call, name, request, conflict, config_name=config.name, **target)
            DEPLOYMENT.enqueue(endpoint.pk)
        return {"EndpointArn": endpoint.arn}

    def describe_endpoint(self, call: Call, request: dict) -> dict:
        endpoint = resources.find(Endpoint, call, request["EndpointName"])
        if endpoint.status in TRANSIENT and now() - endpoint.status_since < FIRST_POLL:
            with _waiting_slot() as may_wait:
                endpoint = _changed(call, endpoint) if may_wait else endpoint
        return describe(endpoint)

    def list_endpoints(self, call: Call, request: dict) -> dict:
        endpoints, next_token = paginate(Endpoint.objects.filter(region=call.region), request)
        return {"Endpoints": [summarize(endpoint) for endpoint in endpoints], **next_token}

    def update_endpoint(self, call: Call, request: dict) -> dict:
        """Roll out another configuration; the old variants answer until the new ones have proved themselves."""
        _check_deployment(request)
        config = resources.find(EndpointConfig, call, request["EndpointConfigName"])
        variants, capture = variants_of(call, config.request), capture_of(config)
        with transaction.atomic():
            endpoint = _changeable(call, request["EndpointName"])
            if request.get("RetainAllVariantProperties"):
                dropped = {p["VariantPropertyType"] for p in request.get("ExcludeRetainedVariantProperties", [])}
                variants = _retain(endpoint.variants, variants, dropped)
                capture = capture if "DataCaptureConfig" in dropped else endpoint.capture
            target = {"target_config": config.name, "target_variants": variants, "target_capture": capture}
            _move(endpoint, Status.UPDATING, **target)
        return {"EndpointArn": endpoint.arn}

    def update_endpoint_weights_and_capacities(self, call: Call, request: dict) -> dict:
        with transaction.atomic():
            endpoint = _changeable(call, request["EndpointName"])
            variants = _with_changes(endpoint, request["DesiredWeightsAndCapacities"])
            _move(endpoint, Status.UPDATING, target_config="", target_variants=[], variants=variants)
        return {"EndpointArn": endpoint.arn}

    def delete_endpoint(self, call: Call, request: dict) -> dict:
        with transaction.atomic():
            endpoint = resources.find(Endpoint, call, request["EndpointName"], for_update=True)
            if Status.DELETING not in Endpoint.MOVES[endpoint.status]:
                raise _in_progress(endpoint)
            _move(endpoint, Status.DELETING)
        return {}


@contextmanager
def _waiting_slot() -> Iterator[bool]:
    """Whether this call may wait; too many at once would leave no thread to answer anybody else."""
    acquired = _waiting_slots.acquire(blocking=False)
    try:
        yield acquired
    finally:
        if acquired:
            _waiting_slots.release()


def _changed(call: Call, endpoint: Endpoint) -> Endpoint:
    """The endpoint once it is no longer in transition, or as it is after MAX_WAIT."""
    with waiting_for(route_topic(endpoint), LOOK) as wait:
        while True:
            endpoint = resources.find(Endpoint, call, endpoint.name)
            if endpoint.status not in TRANSIENT or now() - endpoint.status_since >= MAX_WAIT:
                return endpoint
            wait()


def _changeable(call: Call, name: str) -> Endpoint:
    """The endpoint, held until the transaction ends; ValidationException unless it is in service."""
    endpoint = resources.find(Endpoint, call, name, for_update=True)
    if endpoint.status == Status.FAILED:
        raise ValidationException(
            f'Cannot update endpoint "{endpoint.arn}" in status Failed. Delete it and create it again.'
        )
    if endpoint.status != Status.IN_SERVICE:
        raise _in_progress(endpoint)
    return endpoint


def _in_progress(endpoint: Endpoint) -> ValidationException:
    return ValidationException(f'Cannot update in-progress endpoint "{endpoint.arn}".')


def _move(endpoint: Endpoint, status: str, **also) -> None:
    if not endpoint.move_to(status, modified=now(), **UNSTARTED, **also):
        raise _in_progress(endpoint)
    DEPLOYMENT.enqueue(endpoint.pk)


def _retain(old: list[dict], new: list[dict], dropped: set[str]) -> list[dict]:
    """The new variants with the weights and counts of the old ones of the same name, save what is dropped."""
    retained = [name for name in ("DesiredWeight", "DesiredInstanceCount") if name not in dropped]
    by_name = {variant["VariantName"]: variant for variant in old}
    return [{**v, **{name: by_name.get(v["VariantName"], v)[name] for name in retained}} for v in new]


def _with_changes(endpoint: Endpoint, changes: list[dict]) -> list[dict]:
    known = {variant["VariantName"] for variant in endpoint.variants}
    check_unique_variants(changes, "DesiredWeightsAndCapacities")
    by_name = {change["VariantName"]: change for change in changes}
    if unknown := [name for name in by_name if name not in known]:
        raise ValidationException(
            f'Could not find production variant {unknown[0]!r} in endpoint "{endpoint.arn}". It has: '
            f"{', '.join(sorted(known))}."
        )
    variants = [{**variant, **_desired(by_name.get(variant["VariantName"], {}))} for variant in endpoint.variants]
    if not any(variant["DesiredWeight"] for variant in variants):
        raise ValidationException("At least one variant must keep a weight above 0; otherwise none gets traffic.")
    return variants


def _desired(change: dict) -> dict:
    if "ServerlessUpdateConfig" in change:
        raise ValidationException("ServerlessUpdateConfig: this engine does not offer it. Update the endpoint instead.")
    return {name: change[name] for name in ("DesiredWeight", "DesiredInstanceCount") if name in change}


def _check_deployment(request: dict) -> None:
    """Everything is switched over at once here, so other ways must not be promised."""
    config = request.get("DeploymentConfig", {})
    routing = config.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {}).get("Type", "ALL_AT_ONCE")
    if routing != "ALL_AT_ONCE" or "RollingUpdatePolicy" in config or "AutoRollbackConfiguration" in config:
        raise ValidationException("DeploymentConfig: this engine offers blue/green with ALL_AT_ONCE only.")
