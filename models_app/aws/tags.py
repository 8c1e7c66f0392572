"""SageMaker's tags of a resource: reads them, and changes those of people."""

from collections.abc import Iterable, Mapping

from common import tags
from models_app import aws

PAGE = 50  # AWS's limit for the keys of one DeleteTags


def all_of(arn: str) -> dict[str, str]:
    """Every tag of the resource `arn`, AWS's and ours too. Raises aws.Refused, aws.Unavailable."""
    with aws.plain_errors():
        pages = aws.client("sagemaker").get_paginator("list_tags").paginate(ResourceArn=arn)
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def add(arn: str, added: Mapping[str, str]) -> None:
    """Set the tags `added`. Raises aws.Refused, aws.Unavailable."""
    with aws.plain_errors():
        aws.client("sagemaker").add_tags(ResourceArn=arn, Tags=tags.as_request(added))


def delete(arn: str, keys: Iterable[str]) -> None:
    """Delete the tags `keys`. Raises aws.Refused, aws.Unavailable."""
    remaining = list(keys)
    with aws.plain_errors():
        while remaining:
            aws.client("sagemaker").delete_tags(ResourceArn=arn, TagKeys=remaining[:PAGE])
            remaining = remaining[PAGE:]
