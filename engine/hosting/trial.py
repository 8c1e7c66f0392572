"""Tries a variant's model before it may answer anybody: fetched, then loaded and asked in a process of its own."""

import time

from algorithms import Algorithm
from algorithms.spec import UserError
from common.db.server_paths import hide_paths
from engine.models import Endpoint, LogEvent
from engine.serving import checked_models
from engine.serving.artifact import BadArtifact, fetch

TIMEOUT = 60  # seconds to load and answer, unless the configuration says how long a container may take to start
NO_PING = (
    "The primary container for production variant {} did not pass the ping health check. "
    "Please check CloudWatch logs for this endpoint. {}"
)
NO_DATA = "Failed to download model data for variant {} from URL: {}. {}"


class Unfit(Exception):
    """The variant cannot serve, for a reason that trying again will not change: the endpoint's FailureReason."""


def run(endpoint: Endpoint, variant: dict, algorithm: Algorithm) -> None:
    """Return when the variant's model has loaded and answered. Raises Unfit."""
    name, url = variant["VariantName"], variant["ModelDataUrl"]
    try:
        folder = fetch(url)
    except BadArtifact as e:
        raise refused(endpoint, name, NO_DATA.format(name, url, e)) from None
    seconds = variant.get("StartupTimeout", TIMEOUT)
    try:
        checked = checked_models.check(folder, algorithm.name, variant["Environment"], seconds)
    except UserError as e:
        raise refused(endpoint, name, NO_PING.format(name, e)) from None
    where = f" It has a process of its own, because {checked.isolation}." if checked.isolation else ""
    write_log(endpoint, name, f"The model at {url} is loaded and takes {checked.features} features.{where}")


def refused(endpoint: Endpoint, variant: str, reason: str) -> Unfit:
    """The exception that says why a variant cannot serve; the reason is in the endpoint's log as well."""
    reason = hide_paths(reason)
    write_log(endpoint, variant, reason)
    return Unfit(reason)


def write_log(endpoint: Endpoint, variant: str, text: str) -> None:
    """One line in the endpoint's own log, to which its FailureReason sends the reader."""
    at = int(time.time() * 1000)
    LogEvent.objects.create(
        region=endpoint.region,
        group=f"/aws/sagemaker/Endpoints/{endpoint.name}",
        stream=f"{variant}/start",
        timestamp=at,
        ingested=at,
        message=text,
    )
