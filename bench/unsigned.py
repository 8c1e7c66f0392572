"""The gateway without its signature check, to show what the check costs. Exists in the benchmark only."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
import django

django.setup()

from django.conf import settings  # noqa: E402

from engine.auth import Caller  # noqa: E402
from engine.gateway.app import app  # noqa: E402
from engine.models import AccessKey  # noqa: E402
from engine.serving import app as serving  # noqa: E402

__all__ = ["app"]
KEY = AccessKey(role=AccessKey.Role.EDITOR)


async def anybody(request, body_hash) -> Caller:
    return Caller(KEY, settings.REGION, "sagemaker")


serving.caller_of = anybody
