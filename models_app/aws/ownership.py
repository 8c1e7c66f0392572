"""Knows our own resources at SageMaker from somebody else's of the same name: by the intent they are tagged with."""

from models_app import aws
from models_app.aws.requests import INTENT_TAG


def is_ours(arn: str, row) -> bool:
    """Does the resource `arn` carry the intent of `row`? Costs a call; raises what `aws` raises."""
    with aws.plain_errors():
        for page in aws.client("sagemaker").get_paginator("list_tags").paginate(ResourceArn=arn):
            for tag in page["Tags"]:
                if tag["Key"] == INTENT_TAG:
                    return tag["Value"] == str(row.intent)
    return False
