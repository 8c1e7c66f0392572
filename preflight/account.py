"""What a check may query of the AWS account: buckets, roles, names in use, quotas, money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class AccountQueryError(Exception):
    """The account did not answer a query, or refused to. The message is the reason, in one sentence."""


@dataclass(frozen=True)
class Usage:
    """How much of a limit is used. `limit` None means that there is no limit."""

    limit: float | None
    used: float = 0.0

    @property
    def left(self) -> float | None:
        """What is left of the limit, at least 0; None without a limit."""
        return None if self.limit is None else max(0.0, self.limit - self.used)


class Account(Protocol):
    """The account and Region that a job would run in.

    Every method raises AccountQueryError when it cannot tell; the check then reports that instead of passing.
    """

    def is_amazon(self) -> bool:
        """Return True if jobs run on Amazon SageMaker itself, not on an engine that speaks its protocol."""
        ...

    def bucket_region(self, bucket: str) -> str | None:
        """Return the Region of `bucket`; None when there is no such bucket."""
        ...

    def role_trusts_sagemaker(self, role_arn: str) -> bool | None:
        """Return whether SageMaker may assume the role; None when there is no such role."""
        ...

    def denied(self, role_arn: str, actions: tuple[str, ...], resource: str) -> list[str]:
        """Return those of `actions` on the ARN `resource` that the role, not the caller, may not do."""
        ...

    def kms_key(self, bucket: str, key: str) -> str:
        """Return the ARN of the KMS key that an object is encrypted with; "" when with none."""
        ...

    def training_job_exists(self, name: str) -> bool:
        """Return True if the account has a training job called `name`, running or ended."""
        ...

    def endpoint_exists(self, name: str) -> bool:
        """Return True if the account has an endpoint called `name`."""
        ...

    def instance_types(self) -> tuple[str, ...]:
        """Return the instance types that SageMaker has for training."""
        ...

    def allowed_instance_types(self) -> tuple[str, ...] | None:
        """Return the instance types that a person may choose here; None when all."""
        ...

    def training_instances(self, instance_type: str) -> Usage:
        """Return the quota of this type for training jobs and the number of instances that run now."""
        ...

    def endpoint_instances(self, instance_type: str) -> Usage:
        """Return the quota of this type for endpoints and the number of instances that run now."""
        ...

    def budget(self) -> Usage:
        """Return this month's budget and spending in US dollars."""
        ...

    def cost(self, instance_type: str, seconds: float, count: int) -> float:
        """Return the price in US dollars of `seconds` of training on `count` instances."""
        ...
