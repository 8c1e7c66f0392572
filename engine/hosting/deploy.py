"""Carries an endpoint's change through: the new models are fetched and tried before anything is switched over."""

import logging

from botocore.exceptions import BotoCoreError, ClientError
from django.db import transaction

import algorithms
from common.db.claim import Claim, Unfinished
from common.db.nudge import nudge
from engine.frameworks.images import serves_script
from engine.hosting import script_trial, trial
from engine.hosting.claims import fail, route_topic, settle
from engine.hosting.trial import Unfit
from engine.models import Endpoint

PAUSE = 2.0  # seconds before the object store is asked again
log = logging.getLogger(__name__)
Status = Endpoint.Status


def remove(pk: int) -> None:
    """Delete the row of an endpoint that is being deleted; others are left alone. Repeatable."""
    with transaction.atomic():
        gone = Endpoint.objects.select_for_update().filter(pk=pk, status=Status.DELETING).first()
        if gone is not None:
            gone.delete()
            nudge(route_topic(gone))


def run(claim: Claim[Endpoint]) -> None:
    """Take a claimed endpoint to where it rests. Raises ClaimLost, and Unfinished while the object store is away."""
    endpoint = claim.row
    if endpoint.status == Status.ROLLING_BACK:  # the worker before us got this far
        settle(claim)
    elif endpoint.status == Status.UPDATING and not endpoint.target_config:
        settle(claim, variants=_settled(endpoint.variants), failure_reason="")
    else:
        _roll_out(claim)


def _roll_out(claim: Claim[Endpoint]) -> None:
    config, variants = claim.row.target_config, claim.row.target_variants
    try:
        for variant in _different(variants):
            if serves_script(variant["Image"], variant["Environment"]):
                claim.check()
                script_trial.run(claim.row, variant)
                continue
            algorithm = algorithms.for_image(variant["Image"])
            if algorithm is None:
                raise Unfit(f"This engine has no algorithm for the image {variant['Image']}.")
            claim.check()
            trial.run(claim.row, variant, algorithm)
    except Unfit as e:
        fail(claim, str(e))
        return
    except (BotoCoreError, ClientError) as e:
        raise Unfinished(f"The object store does not answer ({e}).", counted=False, delay=PAUSE) from e
    capture = claim.row.target_capture
    settle(claim, variants=_settled(variants), config_name=config, capture=capture, failure_reason="")
    log.info("endpoint %s is in service with %s", claim.row, config)


def _settled(variants: list[dict]) -> list[dict]:
    """Variants that have reached the weights and counts they were asked to have."""
    return [
        {**v, "CurrentWeight": v["DesiredWeight"], "CurrentInstanceCount": v["DesiredInstanceCount"]} for v in variants
    ]


def _different(variants: list[dict]) -> list[dict]:
    """One variant of each that would load the same model in the same way."""
    return list({(v["Image"], v["ModelDataUrl"], str(sorted(v["Environment"].items()))): v for v in variants}.values())
