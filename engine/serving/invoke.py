"""One invocation: from a verified request to the model's answer, or to the error AWS would send.

Three errors leave here: AwsError before a model is reached, and ModelError with what the model itself said.
"""

import logging
import time
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from algorithms.spec import InvocationError
from engine.serving import predict, routes, telemetry
from engine.serving.loaded import Broken, Loaded, Models
from engine.serving.routes import Route, Variant
from engine.wire.errors import AwsError

log = logging.getLogger(__name__)
NOT_OURS = {
    "x-amzn-sagemaker-target-model": "It is not a multi-model endpoint",
    "x-amzn-sagemaker-target-container-hostname": "It has one container",
    "x-amzn-sagemaker-inference-component": "It has no inference components",
    "x-amzn-sagemaker-session-id": "It keeps no sessions",
}


class Invalid(AwsError):
    """The runtime's word for a bad request; unlike the control plane's it has no "Exception" in it."""

    code = "ValidationError"


class NoSuchEndpoint(Invalid):
    """There is no endpoint of that name."""


class ModelError(Exception):
    """The model was reached and refused, with an HTTP `status` and a text of its own."""

    def __init__(self, route: Route, status: int, message: str):
        super().__init__(message)
        self.route, self.status, self.message = route, status, message


@dataclass(frozen=True)
class Answer:
    """What the model said."""

    status: int
    body: bytes
    content_type: str
    variant: str


async def invoke(models: Models, region: str, name: str, headers: dict[str, str], body: bytes, began: float) -> Answer:
    """Answer one verified request that `began` at that time.perf_counter(). Raises AwsError or ModelError."""
    route = None if "\0" in name else await routes.find(region, name)  # no row can have it, and PostgreSQL says so
    if route is None:
        raise NoSuchEndpoint(f"Endpoint {name} of account {settings.ENGINE_ACCOUNT} not found.")
    if not route.answers:
        raise Invalid(f"Endpoint {name} of account {settings.ENGINE_ACCOUNT} is {route.status}, not InService.")
    variant = _variant(route, headers)
    loaded = models.get(variant) or await _load(models, route, variant)
    before = time.perf_counter()
    status, text = 200, ""
    answer, content_type = b"", "text/plain"
    try:
        answer, content_type = await predict.answer(loaded, variant, headers, body)
    except InvocationError as e:
        status, text = e.status, e.message
    except Exception as e:
        log.exception("the model of %s/%s failed", name, variant.name)
        status, text = 500, f"{type(e).__name__}: {e}"
    after = time.perf_counter()
    telemetry.count(route, variant.name, status, after - before, before - began)
    if status >= 300:
        telemetry.say(route, variant, f"[ERROR] {status} {text}")
        raise ModelError(route, status, text)
    return Answer(status, answer, content_type, variant.name)


def _variant(route: Route, headers: dict[str, str]) -> Variant:
    for header, why in NOT_OURS.items():
        if header in headers:
            raise Invalid(f"{why}: endpoint {route.name} does not take the header {header}.")
    target = headers.get("x-amzn-sagemaker-target-variant")
    if target is None:
        return route.choose()
    if target not in route.variants:
        known = ", ".join(route.variants)
        raise Invalid(f"Variant {target} was not found on endpoint {route.name}. Its variants are: {known}.")
    return route.variants[target]


async def _load(models: Models, route: Route, variant: Variant) -> Loaded:
    began = time.perf_counter()
    try:
        loaded = await models.load(variant)
    except Broken as e:
        telemetry.say(route, variant, f"[ERROR] {e}")
        telemetry.count(route, variant.name, 500, time.perf_counter() - began, 0)
        raise ModelError(route, 500, str(e)) from None
    except (BotoCoreError, ClientError) as e:
        log.warning("could not fetch %s: %s", variant.url, e)
        text = f"The model data {variant.url} cannot be read now, because the object store does not answer. Try again."
        raise AwsError(text, "ServiceUnavailable", 503) from None
    telemetry.say(route, variant, f"Loaded {variant.url} in {(time.perf_counter() - began) * 1000:.0f} ms.")
    return loaded
