"""Models, endpoint configurations and endpoints as the engine keeps them."""

import re

from django.db import models

from common.db.claim import Claimable
from engine.models.events import EventSource
from engine.models.resource import Resource, one_name


class Model(Resource):
    """A container image and a model artifact, ready to be hosted."""

    ARN_TYPE = "model"

    class Meta:
        constraints = [one_name("model_name")]
        indexes = [models.Index(fields=["region", "name"]), models.Index(fields=["-created", "-id"])]


class EndpointConfig(Resource):
    """Which models an endpoint hosts, on what, and how traffic is shared."""

    ARN_TYPE = "endpoint-config"

    class Meta:
        verbose_name = "endpoint configuration"
        constraints = [one_name("endpoint_config_name")]
        indexes = [models.Index(fields=["region", "name"]), models.Index(fields=["-created", "-id"])]


class Endpoint(Claimable, EventSource):
    """An address that answers predictions.

    `variants` is what answers now: [{"VariantName", "ModelName", "Image", "ModelDataUrl", "Environment",
    "CurrentWeight", "DesiredWeight", "CurrentInstanceCount", "DesiredInstanceCount", "InstanceType"}]. It is a copy,
    because an endpoint goes on answering when its configuration or model is deleted. `target_config` names the
    configuration being rolled out, '' when none is, and `target_variants` holds its variants, likewise copied. Updating
    without a target means that `variants` is to take up its desired weights and instance counts.
    """

    ARN_TYPE = "endpoint"

    class Status(models.TextChoices):
        CREATING = "Creating"
        IN_SERVICE = "InService"
        UPDATING = "Updating"
        ROLLING_BACK = "RollingBack"
        DELETING = "Deleting"
        FAILED = "Failed"

    MOVES = {
        Status.CREATING: (Status.IN_SERVICE, Status.FAILED),
        Status.IN_SERVICE: (Status.UPDATING, Status.DELETING),
        Status.UPDATING: (Status.IN_SERVICE, Status.ROLLING_BACK, Status.FAILED),
        Status.ROLLING_BACK: (Status.IN_SERVICE, Status.FAILED),
        Status.FAILED: (Status.DELETING,),
        Status.DELETING: (),
    }

    status = models.CharField(max_length=16, choices=Status, default=Status.CREATING)
    config_name = models.CharField(max_length=63)
    target_config = models.CharField(max_length=63, blank=True)
    variants = models.JSONField(default=list)
    target_variants = models.JSONField(default=list)
    capture = models.JSONField(null=True, help_text="The DataCaptureConfig that holds now")
    target_capture = models.JSONField(null=True, help_text="The one of the configuration being rolled out")
    failure_reason = models.TextField(blank=True)

    class Meta:
        constraints = [one_name("endpoint_name")]
        indexes = [
            models.Index(fields=["region", "name"]),
            models.Index(fields=["-created", "-id"]),
            models.Index(fields=["worker"]),
            models.Index(fields=["status"]),
        ]

    @property
    def event_status(self) -> str:
        """EventBridge has IN_SERVICE where DescribeEndpoint has InService."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.status).upper()
