"""Addresses at which an endpoint is called."""

import os

from django.conf import settings


def invocations_url(endpoint) -> str:
    """The address that predictions are sent to."""
    home = os.environ.get("AWS_ENDPOINT_URL") if settings.BACKEND == "engine" else ""
    return (
        f"{home or f'https://runtime.sagemaker.{settings.REGION}.amazonaws.com'}/endpoints/{endpoint.name}/invocations"
    )


def engine_address() -> str:
    """The one address of the engine; "" when predictions go to Amazon's own."""
    return os.environ.get("AWS_ENDPOINT_URL", "") if settings.BACKEND == "engine" else ""
