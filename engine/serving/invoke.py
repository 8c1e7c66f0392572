"""One invocation: from a verified request to the model's response, or to AWS's error.

It raises AwsError before a model is reached, and ModelError with the model's own status and text.
"""

import logging
import time
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

import algorithms
from algorithms.spec import Algorithm, InvocationError
from common.db.server_paths import hide_paths
from engine.auth import Caller
from engine.frameworks.images import serves_script
from engine.serving import capture, routes, telemetry
from engine.serving.model_cache import ModelCache
from engine.serving.routes import Route, Variant
from engine.serving.served_model import ModelLoadError, ServedModel
from engine.wire.errors import AwsError
from tables.masking import MASK
from tables.unseen import UnseenCategories

log = logging.getLogger(__name__)
TARGET_VARIANT = "x-amzn-sagemaker-target-variant"
UNSUPPORTED_HEADERS = {
    "x-amzn-sagemaker-target-model": "It is not a multi-model endpoint",
    "x-amzn-sagemaker-target-container-hostname": "It has one container",
    "x-amzn-sagemaker-inference-component": "It has no inference components",
    "x-amzn-sagemaker-session-id": "It keeps no sessions",
}


class ValidationError(AwsError):
    """The runtime's code for a bad request; the control plane's is ValidationException."""

    code = "ValidationError"


class NoSuchEndpoint(ValidationError):
    """There is no endpoint of that name."""


class ModelError(Exception):
    """The model itself failed or refused, with an HTTP `status` and a text of its own."""

    def __init__(self, route: Route, status: int, message: str):
        super().__init__(message)
        self.route, self.status, self.message = route, status, hide_paths(message)


class InvocationResponse(NamedTuple):
    """The model's response, the variant that made it, and the categories that its training data did not have."""

    status: int
    body: bytes
    content_type: str
    variant: str
    unseen: UnseenCategories


async def invoke(
    models: ModelCache, caller: Caller, name: str, headers: dict[str, str], body: bytes, began: float
) -> InvocationResponse:
    """Answer one request of `caller` that `began` at that time.perf_counter(). Raises AwsError or ModelError."""
    # No row can have a NUL in its name, and PostgreSQL says so.
    route = None if "\0" in name else await routes.find(caller.region, name)
    if route is None:
        raise NoSuchEndpoint(f"Endpoint {name} of account {settings.ENGINE_ACCOUNT} not found.")
    if not route.is_serving:
        raise ValidationError(f"Endpoint {name} of account {settings.ENGINE_ACCOUNT} is {route.status}, not InService.")
    variant = _variant(route, headers)
    loaded = models.get(variant) or await _load(models, route, variant, caller)
    before = time.perf_counter()
    status, text = 200, ""
    answer, content_type, unseen = b"", "text/plain", UnseenCategories()
    try:
        answer, content_type = await loaded.answer(headers, body, unseen)
    except InvocationError as e:
        status, text = e.status, e.message
    except Exception as e:
        log.exception("the model of %s/%s failed", name, variant.name)
        status, text = 500, InvocationError(500, f"{type(e).__name__}: {e}").message
    after = time.perf_counter()
    key, count = caller.key.access_key_id, unseen.total if unseen.counts else 0
    telemetry.record_invocation(route, variant.name, key, status, after - before, before - began, count)
    if status >= 300:
        telemetry.log_line(route, variant, f"[ERROR] {status} {text}")
        raise ModelError(route, status, text)
    if route.capture:
        source = capture.Source(route.region, route.name, variant.name)
        # Nobody can tell what people's own code repeats of a request in its answer.
        captured = MASK.encode() if route.capture.mask and not _algorithm_of(variant) else answer
        capture.offer(route.capture, source, headers, body, captured, content_type)
    return InvocationResponse(status, answer, content_type, variant.name, unseen)


async def load_models(models: ModelCache, region: str, name: str, scripts_only: bool = False) -> None:
    """Load the models of an endpoint in service, or those with scripts. Raises as loading does."""
    route = await routes.find(region, name)
    if route is None or not route.is_serving:
        return
    for variant in route.variants.values():
        is_wanted = not scripts_only or serves_script(variant.image, dict(variant.environment))
        if is_wanted and not models.get(variant):
            await _load(models, route, variant, None)


def _algorithm_of(variant: Variant) -> Algorithm | None:
    """The algorithm that answers; None for people's own code."""
    return None if serves_script(variant.image, dict(variant.environment)) else algorithms.for_image(variant.image)


def _variant(route: Route, headers: dict[str, str]) -> Variant:
    for header, why in UNSUPPORTED_HEADERS.items():
        if header in headers:
            raise ValidationError(f"{why}: endpoint {route.name} does not take the header {header}.")
    target = headers.get(TARGET_VARIANT)
    if target is None:
        return route.choose()
    if target not in route.variants:
        names = ", ".join(route.variants)
        raise ValidationError(f"Variant {target} was not found on endpoint {route.name}. Its variants are: {names}.")
    return route.variants[target]


async def _load(models: ModelCache, route: Route, variant: Variant, caller: Caller | None) -> ServedModel:
    """Load the model for `caller`, who waits for it; for nobody's request if None."""
    began = time.perf_counter()
    try:
        loaded = await models.load(variant, lambda line: telemetry.log_line(route, variant, line))
    except ModelLoadError as e:
        telemetry.log_line(route, variant, f"[ERROR] {e}")
        if caller:
            seconds = time.perf_counter() - began
            telemetry.record_invocation(route, variant.name, caller.key.access_key_id, 500, seconds, 0)
        raise ModelError(route, 500, str(e)) from None
    except (BotoCoreError, ClientError) as e:
        log.warning("could not fetch %s: %s", variant.url, e)
        text = f"The model data {variant.url} cannot be read now, because the object store does not answer. Try again."
        raise AwsError(text, "ServiceUnavailable", 503) from None
    telemetry.log_line(route, variant, f"Loaded {variant.url} in {(time.perf_counter() - began) * 1000:.0f} ms.")
    algorithm = _algorithm_of(variant)
    if algorithm and (line := algorithm.images.substitution(variant.image)):
        telemetry.log_line(route, variant, f"WARNING: {line}")
    return loaded
