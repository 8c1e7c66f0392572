"""What only the account can tell a check: buckets, roles, names taken, quotas, money.

A World may not know: then it raises CannotTell, and the finding says so instead of passing in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from common.messages import _


class CannotTell(Exception):
    """The account could not be asked, or would not say; the message is the reason, one sentence."""


@dataclass(frozen=True)
class Use:
    """How much of a limit is taken. `limit` None: there is none."""

    limit: float | None
    used: float = 0.0

    @property
    def left(self) -> float | None:
        return None if self.limit is None else max(0.0, self.limit - self.used)


class World(Protocol):
    """The account that a job would run in. Every method may raise CannotTell."""

    def is_amazon(self) -> bool:
        """Do jobs run on Amazon SageMaker itself, and not on an engine that speaks its protocol?"""
        ...

    def bucket_region(self, bucket: str) -> str | None:
        """The Region of `bucket`; None when there is no such bucket."""
        ...

    def role_trusts_sagemaker(self, role_arn: str) -> bool | None:
        """May SageMaker assume the role? None when there is no such role."""
        ...

    def denied(self, role_arn: str, actions: tuple[str, ...], resource: str) -> list[str]:
        """Those of `actions` on the ARN `resource` that the role, not the person asking, may not do."""
        ...

    def key_of(self, bucket: str, key: str) -> str:
        """The ARN of the KMS key that an object is encrypted with; "" when with none."""
        ...

    def training_job_exists(self, name: str) -> bool: ...

    def endpoint_exists(self, name: str) -> bool: ...

    def instance_types(self) -> tuple[str, ...]:
        """What SageMaker calls an instance type for training."""
        ...

    def allowed_instance_types(self) -> tuple[str, ...] | None:
        """Those a person may choose here; None when all."""
        ...

    def training_instances(self, instance_type: str) -> Use:
        """Instances of this type for training jobs: the quota, and how many run now."""
        ...

    def endpoint_instances(self, instance_type: str) -> Use:
        """Instances of this type for endpoints."""
        ...

    def budget(self) -> Use:
        """US dollars of this month."""
        ...

    def cost(self, instance_type: str, seconds: float, count: int) -> float:
        """US dollars for that much training."""
        ...


class Nowhere:
    """No account at all, for tables in a local folder: it cannot tell anything."""

    def __getattr__(self, name: str):
        def ask(*_asked: object) -> None:
            raise CannotTell(_("No account was asked, because the data lies in a local folder."))

        return ask
