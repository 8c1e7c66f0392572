"""The console's AWS account as `preflight` queries it, with the prices and the budget of the console."""

from __future__ import annotations

from django.conf import settings

from common.messages import _
from jobs import instances
from models_app import aws
from preflight.account import AccountQueryError, Usage
from preflight.aws_account import AwsAccount


class ConsoleAccount(AwsAccount):
    """The account of AWS or of the engine. `budget` is this month's; without it there is no limit."""

    def __init__(self, budget: Usage | None = None):
        super().__init__(aws.client)
        self._budget = budget or Usage(None)

    def is_amazon(self) -> bool:
        """True if jobs run, and are billed, at AWS."""
        return settings.BACKEND == "aws"

    def training_instances(self, instance_type: str) -> Usage:
        """Instances in use and the quota for training; no quota on the engine."""
        if settings.BACKEND == "engine":
            return Usage(None)  # the engine has no quotas: jobs wait for the machine
        return super().training_instances(instance_type)

    def endpoint_instances(self, instance_type: str) -> Usage:
        """Instances in use and the quota for endpoints; no quota on the engine."""
        return Usage(None) if settings.BACKEND == "engine" else super().endpoint_instances(instance_type)

    def denied(self, role_arn: str, actions: tuple[str, ...], resource: str) -> list[str]:
        """Those of `actions` that the role may not do on `resource`; none on the engine."""
        if settings.BACKEND == "engine":
            return []  # the engine reads all data as its one role
        return super().denied(role_arn, actions, resource)

    def budget(self) -> Usage:
        """The budget in US dollars, and how much of it is used."""
        return self._budget

    def cost(self, instance_type: str, seconds: float, count: int) -> float:
        """US dollars for `count` instances over `seconds`. Raises AccountQueryError without a known price."""
        price = instances.cost(instance_type, seconds, count, free=settings.BACKEND == "engine")
        if price is None:
            raise AccountQueryError(_("The price of %(type)s is not in the table.", type=instance_type))
        return price
