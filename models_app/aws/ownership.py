"""Knows by its tags whose a resource at SageMaker is: made for a row of ours, or by a person with a key."""

from collections.abc import Iterator

from django.contrib.auth import get_user_model

from common.permissions import CREATED_BY_TAG
from models_app import aws
from models_app.aws.requests import INTENT_TAG


def is_ours(arn: str, row) -> bool:
    """Does the resource `arn` carry the intent of `row`? Costs a call; raises what `aws` raises."""
    return any(key == INTENT_TAG and value == str(row.intent) for key, value in _tags(arn))


def creator(arn: str):
    """The user whose access key created the resource `arn`; None when that cannot be known, as on AWS. Costs a call.

    Raises aws.Unavailable.
    """
    try:
        value = next((value for key, value in _tags(arn) if key == CREATED_BY_TAG), "")
    except aws.Refused:
        return None
    name = value.partition(":")[2].partition(":")[2]  # AssumedRole:<id of the role>:<name>
    return get_user_model().objects.filter(username=name).first() if name else None


def _tags(arn: str) -> Iterator[tuple[str, str]]:
    with aws.plain_errors():
        for page in aws.client("sagemaker").get_paginator("list_tags").paginate(ResourceArn=arn):
            yield from ((tag["Key"], tag["Value"]) for tag in page["Tags"])
