"""Knows by its tags whose a resource at SageMaker is: made for a row of ours, or by a person with a key."""

from collections.abc import Mapping

from django.contrib.auth import get_user_model
from django.db.models import Model as Row

from common.permissions import CREATED_BY_TAG
from common.tags import of_people
from models_app import aws
from models_app.aws import tags
from models_app.aws.requests import INTENT_TAG
from models_app.models import Tag


def is_ours(arn: str, row) -> bool:
    """Does the resource `arn` carry the intent of `row`? Costs a call; raises what `aws` raises."""
    return tags.all_of(arn).get(INTENT_TAG) == str(row.intent)


def creator(arn: str):
    """The user whose access key created the resource `arn`; None when that cannot be known, as on AWS. Costs a call.

    Raises aws.Unavailable.
    """
    try:
        return _creator_in(tags.all_of(arn))
    except aws.Refused:
        return None


def learn_tags(row: Row, arn: str):
    """Keep the tags of `row`, which another client made as `arn`, and return its creator as `creator` does."""
    try:
        by_key = tags.all_of(arn)
    except aws.Refused:
        return None
    Tag.write(row, of_people(by_key))
    return _creator_in(by_key)


def _creator_in(by_key: Mapping[str, str]):
    name = by_key.get(CREATED_BY_TAG, "").partition(":")[2].partition(":")[2]  # AssumedRole:<id of the role>:<name>
    return get_user_model().objects.filter(username=name).first() if name else None
