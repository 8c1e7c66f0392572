"""Settings of buckets that the gateway keeps itself, because the object store would act on them."""

from django.db import models


class BucketSetting(models.Model):
    """One setting of one bucket. It is removed with the bucket."""

    class Name(models.TextChoices):
        """S3's names of the sub-resources."""

        CORS = "cors"
        ENCRYPTION = "encryption"
        LIFECYCLE = "lifecycle"
        OWNERSHIP_CONTROLS = "ownershipControls"
        POLICY = "policy"
        PUBLIC_ACCESS_BLOCK = "publicAccessBlock"

    bucket = models.CharField(max_length=255)
    name = models.CharField(max_length=32, choices=Name)
    document = models.TextField(help_text="JSON; empty when somebody deleted what S3 sets by default.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "name"], name="bucket_setting")]

    def __str__(self) -> str:
        return f"{self.bucket}?{self.name}"


class PartChecksums(models.Model):
    """The checksums of the parts of the objects of one bucket that have one ETag. It is removed with the bucket."""

    bucket = models.CharField(max_length=255)
    etag = models.CharField(max_length=64)
    document = models.TextField(help_text="JSON: the element that tells them, the type, and each part's by its number.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "etag"], name="part_checksums")]

    def __str__(self) -> str:
        return f"{self.bucket} {self.etag}"
