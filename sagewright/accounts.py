"""The account behind the AWS variables, as preflight asks it."""

from __future__ import annotations

from preflight.account import Usage
from preflight.aws_account import AwsAccount
from sagewright.aws import client


class EngineAccount(AwsAccount):
    """The account of an engine, which has no quotas and no prices."""

    def training_instances(self, instance_type: str) -> Usage:
        """Return a usage without a limit: jobs wait for the machine."""
        return Usage(None)

    def endpoint_instances(self, instance_type: str) -> Usage:
        """Return a usage without a limit."""
        return Usage(None)

    def budget(self) -> Usage:
        """Return a budget without a limit."""
        return Usage(None)

    def cost(self, instance_type: str, seconds: float, count: int) -> float:
        """Return 0."""
        return 0.0


def account_of() -> AwsAccount:
    """The account of this process's AWS variables."""
    account = AwsAccount(client)
    return account if account.is_amazon() else EngineAccount(client)
