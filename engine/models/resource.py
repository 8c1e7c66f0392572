"""The abstract row of a named SageMaker resource: Region, name, ARN and the request that created it."""

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.timezone import now

from engine.models.tag import Tag

models.CharField.register_lookup(Lower)  # name__lower, which the constraint's index serves


def one_name(constraint: str) -> models.UniqueConstraint:
    """Names are unique whatever their case, because AWS lower-cases them inside ARNs."""
    return models.UniqueConstraint("region", Lower("name"), name=constraint)


class Resource(models.Model):
    """A resource of one account, unique by Region and name."""

    ARN_TYPE: str  # "training-job", "model", "endpoint-config", "endpoint"

    region = models.CharField(max_length=32)
    name = models.CharField(max_length=63)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Who may change it, besides administrators.",
    )
    request = models.JSONField(default=dict, help_text="The validated Create request, as sent.")
    created = models.DateTimeField(default=now)
    modified = models.DateTimeField(default=now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def delete(self, *args, **kwargs) -> tuple[int, dict[str, int]]:
        """Delete the row and its tags.

        When another process deleted the row first, the tags stay: a new resource of the same name may own them.
        """
        arn = self.arn
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            if deleted[0]:
                Tag.objects.filter(arn=arn).delete()
        return deleted

    @classmethod
    def arn_of(cls, region: str, name: str) -> str:
        """Return the ARN of the resource `name`; AWS lower-cases the name inside an ARN."""
        return f"arn:aws:sagemaker:{region}:{settings.ENGINE_ACCOUNT}:{cls.ARN_TYPE}/{name.lower()}"

    @property
    def arn(self) -> str:
        """The resource's ARN."""
        return self.arn_of(self.region, self.name)
