"""Sample tables, which one press puts into the default bucket."""

import io
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from models_app.aws import s3

FOLDER = "samples"


def offers() -> tuple:
    """What there is to be had; loads no table."""
    return import_string(f"{settings.SAMPLE_TABLES}.OFFERS")


def is_offered(name: str) -> bool:
    """True if there is a sample table called `name`."""
    return name in {offer.name for offer in offers()}


def put(name: str) -> tuple[str, Any]:
    """(its S3 location, the table) of the sample `name`, which is then in the default bucket. Raises Problem."""
    table = import_string(f"{settings.SAMPLE_TABLES}.load_one")(name)
    bucket, key = settings.DEFAULT_BUCKET, f"{FOLDER}/{table.name}.csv"
    s3.ensure_bucket(bucket)
    s3.upload(bucket, key, io.BytesIO(table.csv), "text/csv")
    return f"s3://{bucket}/{key}", table
