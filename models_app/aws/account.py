"""The account that the console works for, as `preflight` wants to ask it, and the money that the console counts."""

from __future__ import annotations

from django.conf import settings

from common.messages import _
from jobs import instances
from models_app import aws
from preflight.aws_world import AwsWorld
from preflight.world import CannotTell, Use


class Account(AwsWorld):
    """AWS or the engine, through the one door. `budget` is this month's, no limit by default."""

    def __init__(self, budget: Use | None = None):
        super().__init__(aws.client)
        self._budget = budget or Use(None)

    def is_amazon(self) -> bool:
        return settings.BACKEND == "aws"

    def training_instances(self, instance_type: str) -> Use:
        if settings.BACKEND == "engine":
            return Use(None)  # its jobs queue for the machine they run on
        return super().training_instances(instance_type)

    def endpoint_instances(self, instance_type: str) -> Use:
        return Use(None) if settings.BACKEND == "engine" else super().endpoint_instances(instance_type)

    def denied(self, role_arn: str, actions: tuple[str, ...], resource: str) -> list[str]:
        if settings.BACKEND == "engine":
            return []  # the engine reads with its own hands, as its one role
        return super().denied(role_arn, actions, resource)

    def budget(self) -> Use:
        return self._budget

    def cost(self, instance_type: str, seconds: float, count: int) -> float:
        price = instances.cost(instance_type, seconds, count, free=settings.BACKEND == "engine")
        if price is None:
            raise CannotTell(_("The price of %(type)s is not in the table.", type=instance_type))
        return price
