"""What can be done to an endpoint: launch it, call it, delete it."""

import logging
import time
from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction

from common.limits import INVOCATION_BODY
from common.messages import _
from models_app import aws
from models_app.aws import requests
from models_app.aws.ownership import creator, is_ours
from models_app.costs.charges import charge_endpoint
from models_app.endpoints import traffic_totals
from models_app.models import Endpoint
from models_app.problems import Declined, Problem
from models_app.work import locks
from models_app.work.enqueue import enqueue
from tables.unseen import HEADER, parse_header

Status = Endpoint.Status
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Invocation:
    """One prediction request and its answer; `milliseconds` is the whole round trip as the console saw it.

    `unseen` are (column, count) of the categories that the training data did not have.
    """

    status: int
    body: bytes
    content_type: str
    milliseconds: float
    variant: str
    request_headers: dict[str, str]
    unseen: tuple[tuple[str, int], ...] = ()


def launch(endpoint: Endpoint) -> None:
    """Make model, configuration and endpoint at SageMaker. Each step is repeatable: the names are ours."""
    with locks.held(f"endpoint-{endpoint.pk}") as acquired:
        endpoint.refresh_from_db()
        if not acquired or endpoint.status != Status.LAUNCHING:
            return
        sagemaker = aws.client("sagemaker")
        try:
            _make(endpoint, sagemaker.create_model, requests.model(endpoint), sagemaker.describe_model, "Model")
            _make(
                endpoint,
                sagemaker.create_endpoint_config,
                requests.endpoint_config(endpoint),
                sagemaker.describe_endpoint_config,
                "EndpointConfig",
            )
            arn = _make(
                endpoint,
                sagemaker.create_endpoint,
                requests.endpoint(endpoint),
                sagemaker.describe_endpoint,
                "Endpoint",
            )
        except aws.Unavailable as e:
            endpoint.show_note(e.message)
            raise
        except aws.Refused as e:
            endpoint.move_to(Status.FAILED, failure_reason=e.english, note="")
            return
        endpoint.move_to(Status.CREATING, arn=arn, note="")


def _make(endpoint: Endpoint, create, request: dict, describe, kind: str) -> str:
    """The ARN of what `create` makes, or of what an earlier ask made whose answer was lost."""
    try:
        with aws.plain_errors():
            return create(**request)[f"{kind}Arn"]
    except aws.AlreadyExists:
        name = request[f"{kind}Name"]
        with aws.plain_errors():
            arn = describe(**{f"{kind}Name": name})[f"{kind}Arn"]
        if not is_ours(arn, endpoint):
            raise aws.Refused(
                _(
                    "%(name)s exists already at SageMaker and was not made by this console. Deploy under a different "
                    "name.",
                    name=name,
                )
            ) from None
        return arn


def delete(endpoint: Endpoint) -> None:
    """Delete `endpoint` with the model and configuration made for it. Repeatable; the row goes when it is gone."""
    while endpoint.status != Status.DELETING:
        if Status.DELETING not in Endpoint.MOVES.get(endpoint.status, ()):
            word = endpoint.status_word.lower()
            raise Problem(
                _(
                    "Endpoint %(name)s is %(word)s right now. Delete it when that is done.",
                    name=endpoint.name,
                    word=word,
                )
            )
        endpoint.move_to(Status.DELETING, note="")
    enqueue("endpoints.remove_endpoint", endpoint.pk)


def remove(endpoint: Endpoint) -> None:
    """Take the next steps of deleting `endpoint`. Repeatable until the row is gone."""
    with locks.held(f"endpoint-{endpoint.pk}") as acquired:
        if not acquired or endpoint.status != Status.DELETING:
            return
        try:
            if not _is_gone(endpoint):
                return
        except aws.Unavailable as e:
            # Being created or updated: SageMaker lets go of it when that is done.
            Endpoint.objects.filter(pk=endpoint.pk).update(note=e.message)
            raise
        except aws.Refused as e:
            Endpoint.objects.filter(pk=endpoint.pk).update(note=_("Not deleted: %(message)s", message=e.message))
            log.warning("%s was not deleted: %s", endpoint, e.message)
            return
        if not endpoint.external:
            _remove_rest(endpoint)
        forget(endpoint)


def _is_gone(endpoint: Endpoint) -> bool:
    """Is there no endpoint of ours any more? Asks for its deletion while there is."""
    sagemaker = aws.client("sagemaker")
    with suppress(aws.NotFound), aws.plain_errors():
        description = sagemaker.describe_endpoint(EndpointName=endpoint.name)
        if not _is_same(endpoint, description["EndpointArn"]):
            return True  # somebody else's of the same name: not ours to delete
        if description["EndpointStatus"] != "Deleting":
            sagemaker.delete_endpoint(EndpointName=endpoint.name)
            sagemaker.describe_endpoint(EndpointName=endpoint.name)
        return False
    return True


def _is_same(endpoint: Endpoint, arn: str) -> bool:
    """Is `arn` the endpoint of the row: made for it, or, if external, made by the person whom the row names?"""
    if endpoint.external:
        return endpoint.owner is None or creator(arn) == endpoint.owner
    return is_ours(arn, endpoint)


def _remove_rest(endpoint: Endpoint) -> None:
    sagemaker = aws.client("sagemaker")
    for name in (endpoint.config_name, *endpoint.old_configs):
        with suppress(aws.NotFound), aws.plain_errors():
            sagemaker.delete_endpoint_config(EndpointConfigName=name)
    with suppress(aws.NotFound), aws.plain_errors():
        sagemaker.delete_model(ModelName=endpoint.sagemaker_model)


def forget(endpoint: Endpoint) -> None:
    """Drop the row of an endpoint that is gone; its model is merely trained again."""
    model = endpoint.model
    if model and model.job:
        model.job.say(_("Endpoint %(name)s deleted", name=endpoint.name))
    with transaction.atomic():
        charge_endpoint(endpoint)
        endpoint.changed()
        _count, deleted = endpoint.delete()
        if deleted.get(Endpoint._meta.label):  # two workers may drop one row; its requests are moved once
            traffic_totals.keep(endpoint)


def invoke(endpoint: Endpoint, body: bytes, content_type: str = "text/csv", accept: str = "text/csv") -> Invocation:
    """Send one prediction request; waits 30 s at most. Raises Problem; Declined has the container's own text."""
    if len(body) > INVOCATION_BODY:
        size = f"{len(body) / 1024 / 1024:.1f} MB"
        raise Problem(
            _("The request is %(size)s; an endpoint takes up to 6 MB. Send fewer rows at a time.", size=size), "body"
        )
    if not body.strip():
        raise Problem(_("There is nothing to predict. Enter at least one row."), "body")
    began = time.perf_counter()
    try:
        with aws.plain_errors():
            answer = aws.client("sagemaker-runtime").invoke_endpoint(
                EndpointName=endpoint.name, Body=body, ContentType=content_type, Accept=accept
            )
            answer_body = answer["Body"].read()
    except aws.Refused as e:
        raise _declined(endpoint, e) from e
    return Invocation(
        status=answer["ResponseMetadata"]["HTTPStatusCode"],
        body=answer_body,
        content_type=answer.get("ContentType", ""),
        milliseconds=(time.perf_counter() - began) * 1000,
        variant=answer.get("InvokedProductionVariant", ""),
        request_headers={"Content-Type": content_type, "Accept": accept},
        unseen=tuple(parse_header(answer["ResponseMetadata"].get("HTTPHeaders", {}).get(HEADER, "")).items()),
    )


def _declined(endpoint: Endpoint, e: aws.Refused) -> Problem:
    status = e.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    if own := e.response.get("OriginalMessage"):
        inside = e.response.get("OriginalStatusCode", "")
        words = _("The model answered with an error (%(inside)s): %(own)s", inside=inside, own=own)
        return Declined(words, status, own, int(inside or 0))
    if "not found" in e.message.lower():
        where = _("SageMaker has no endpoint %(name)s in service", name=endpoint.name)
        return Declined(
            _("%(where)s. Wait until it is in service, or deploy the model again.", where=where), status, e.message
        )
    return Declined(_("The endpoint answered with an error: %(message)s", message=e.message), status, e.message)
