"""Carries an endpoint's change through: the new models are fetched and tried before anything is switched over."""

import logging
from typing import Any

from django.db import transaction

import algorithms
from common.nudge import nudge
from engine.hosting import claims, trial
from engine.hosting.claims import ClaimLost
from engine.hosting.trial import Unfit
from engine.models import Endpoint

log = logging.getLogger(__name__)
Status = Endpoint.Status
ATTEMPTS = 5
DONE: dict[str, Any] = {"owner": "", "heartbeat": None, "attempt": 0, "target_config": "", "target_variants": []}
NEVER_DONE = (
    "The model could not be brought into service in {} attempts: each time the hosting worker was lost or the object "
    "store did not answer. The worker's log says which; mind the machine's memory."
)


def step(pk: int) -> None:
    """Take the endpoint to where it rests. Safe to repeat and to run twice at once."""
    remove(pk)
    endpoint = claims.take(pk)
    if endpoint is None:
        return
    try:
        _carry_out(endpoint)
    except ClaimLost as e:
        log.warning("left alone: %s", e)
    except Exception:
        claims.release(endpoint)
        log.exception("endpoint %s could not be deployed on attempt %d", endpoint, endpoint.attempt)


def remove(pk: int) -> None:
    """Let a deleted endpoint's row go."""
    with transaction.atomic():
        gone = Endpoint.objects.select_for_update().filter(pk=pk, status=Status.DELETING).first()
        if gone is not None:
            gone.delete()
            nudge(claims.route_topic(gone))


def _carry_out(endpoint: Endpoint) -> None:
    if endpoint.status == Status.ROLLING_BACK:  # the worker before us got this far
        claims.move(endpoint, Status.IN_SERVICE, **DONE)
    elif endpoint.status == Status.UPDATING and not endpoint.target_config:
        claims.move(endpoint, Status.IN_SERVICE, variants=_settled(endpoint.variants), failure_reason="", **DONE)
    else:
        _roll_out(endpoint)


def _roll_out(endpoint: Endpoint) -> None:
    variants = endpoint.target_variants
    try:
        if endpoint.attempt > ATTEMPTS:
            raise Unfit(NEVER_DONE.format(ATTEMPTS))
        for variant in _different(variants):
            algorithm = algorithms.for_image(variant["Image"])
            if algorithm is None:
                raise Unfit(f"This engine has no algorithm for the image {variant['Image']}.")
            trial.run(endpoint, variant, algorithm)
    except Unfit as e:
        _give_up(endpoint, str(e))
        return
    config = endpoint.target_config
    claims.move(
        endpoint,
        Status.IN_SERVICE,
        **DONE | {"variants": _settled(variants), "config_name": config, "failure_reason": ""},
    )
    log.info("endpoint %s is in service with %s", endpoint, config)


def _give_up(endpoint: Endpoint, reason: str) -> None:
    """A new endpoint fails; one that was answering goes on answering as before, and keeps the reason."""
    log.warning("endpoint %s: %s", endpoint, reason)
    if endpoint.status == Status.CREATING:
        claims.move(endpoint, Status.FAILED, failure_reason=reason, **DONE)
        return
    claims.move(endpoint, Status.ROLLING_BACK, failure_reason=reason)
    claims.move(endpoint, Status.IN_SERVICE, **DONE)


def _settled(variants: list[dict]) -> list[dict]:
    """Variants that have reached the weights and counts they were asked to have."""
    return [
        {**v, "CurrentWeight": v["DesiredWeight"], "CurrentInstanceCount": v["DesiredInstanceCount"]} for v in variants
    ]


def _different(variants: list[dict]) -> list[dict]:
    """One variant of each that would load the same model in the same way."""
    return list({(v["Image"], v["ModelDataUrl"], str(sorted(v["Environment"].items()))): v for v in variants}.values())
