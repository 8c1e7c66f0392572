"""Lists: their pages, tokens, filters and orders."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from engine.models import Model, TrainingJob
from tests.wire import asks
from tests.wire.conftest import REGION
from tests.wire.refusals import refused


@pytest.fixture
def many(sm):
    """Twenty-five models, two of one moment."""
    begun = now() - timedelta(days=1)
    moments = [begun + timedelta(minutes=max(n, 1)) for n in range(25)]
    Model.objects.bulk_create(
        Model(region=REGION, name=f"m{(n * 7) % 25:02}", created=moments[n], modified=moments[n]) for n in range(25)
    )
    return sm


@pytest.mark.parametrize("by", ["Name", "CreationTime"])
@pytest.mark.parametrize("order", ["Ascending", "Descending"])
def test_pages_join_into_the_whole_list(many, by, order):
    pages = many.get_paginator("list_models").paginate(SortBy=by, SortOrder=order, PaginationConfig={"PageSize": 4})
    sizes, models = zip(*((len(p["Models"]), p["Models"]) for p in pages), strict=True)
    assert sizes == (4, 4, 4, 4, 4, 4, 1)
    listed = [m["ModelName" if by == "Name" else "CreationTime"] for page in models for m in page]
    assert listed == sorted(listed, reverse=order == "Descending")
    assert len({m["ModelName"] for page in models for m in page}) == 25


def test_a_row_added_between_two_pages_moves_nothing(many):
    first = many.list_models(MaxResults=10)
    Model.objects.create(region=REGION, name="new")
    second = many.list_models(MaxResults=100, NextToken=first["NextToken"])
    names = [m["ModelName"] for m in first["Models"] + second["Models"]]
    assert len(names) == len(set(names)) == 25


def test_ten_is_the_usual_page(many):
    assert len(many.list_models()["Models"]) == 10


def test_a_token_must_be_ours_and_of_the_same_order(many):
    token = many.list_models(MaxResults=5)["NextToken"]
    for bad in ("nonsense", token[:-1] + ("a" if token[-1] != "a" else "b"), "eyJhIjoxfQ:x:y", "\U0001f600"):
        with refused("ValidationException") as caught:
            many.list_models(NextToken=bad)
        assert "Invalid pagination token" in caught.message
    with refused("ValidationException"):
        many.list_models(NextToken=token, SortBy="Name")


def test_lists_are_filtered(many):
    def names(**ask):
        return [m["ModelName"] for m in many.list_models(MaxResults=100, **ask)["Models"]]

    assert names(NameContains="M2", SortBy="Name", SortOrder="Ascending") == ["m20", "m21", "m22", "m23", "m24"]
    middle = Model.objects.get(name="m09").created
    assert names(CreationTimeAfter=middle, CreationTimeBefore=middle) == ["m09"]
    assert len(names(CreationTimeAfter=middle)) + len(names(CreationTimeBefore=middle)) == 26


def test_jobs_are_listed_by_status_and_time(sm):
    for name in ("b", "a", "c"):
        sm.create_training_job(**asks.training_job(name))
    TrainingJob.objects.get(name="a").move_to("Failed", modified=now() + timedelta(hours=1))

    def names(**ask):
        return [j["TrainingJobName"] for j in sm.list_training_jobs(**ask)["TrainingJobSummaries"]]

    assert names() == ["b", "a", "c"]
    assert names(SortOrder="Descending") == ["c", "a", "b"]
    assert names(StatusEquals="Failed") == names(LastModifiedTimeAfter=now() + timedelta(minutes=1)) == ["a"]
    assert names(LastModifiedTimeBefore=now() + timedelta(minutes=1)) == ["b", "c"]
    assert names(SortBy="Status") == ["a", "b", "c"]
    assert names(WarmPoolStatusEquals="Available") == []
    with refused("ValidationException"):
        sm.list_training_jobs(MaxResults=101)
