"""What every named SageMaker resource has: a Region, a name, an ARN and the request that made it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now

models.CharField.register_lookup(Lower)  # name__lower, which the constraint's index serves


def one_name(constraint: str) -> models.UniqueConstraint:
    """Names are unique whatever their case, because AWS lower-cases them inside ARNs."""
    return models.UniqueConstraint("region", Lower("name"), name=constraint)


class Resource(models.Model):
    """A resource of one account, unique by Region and name."""

    ARN_TYPE: str  # "training-job", "model", "endpoint-config", "endpoint"

    region = models.CharField(max_length=32)
    name = models.CharField(max_length=63)
    request = models.JSONField(default=dict, help_text="The validated Create request, as sent.")
    created = models.DateTimeField(default=now)
    modified = models.DateTimeField(default=now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @classmethod
    def arn_of(cls, region: str, name: str) -> str:
        return f"arn:aws:sagemaker:{region}:{settings.ENGINE_ACCOUNT}:{cls.ARN_TYPE}/{name.lower()}"

    @property
    def arn(self) -> str:
        """AWS lower-cases the name inside an ARN."""
        return self.arn_of(self.region, self.name)
