"""Counts: exact up to a limit, an estimate beyond, and no wide row or whole table for it."""

import pytest

from models_app.models import TrainingJob
from models_app.web import counts
from models_app.web.counts import Count, count_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_limits(monkeypatch):
    monkeypatch.setattr(counts, "FRESH", 10)
    monkeypatch.setattr(counts, "MAX_EXACT", 1000)
    counts._entries.clear()


def jobs(count: int, **fields) -> None:
    first = TrainingJob.objects.count()
    TrainingJob.objects.bulk_create(TrainingJob(name=f"j{n}", **fields) for n in range(first, first + count))


def test_a_count_is_exact_up_to_the_limit_and_an_estimate_beyond():
    jobs(1000)
    assert count_of(TrainingJob.objects.all()) == Count(1000)
    jobs(2000)
    counts._entries.clear()
    assert str(count_of(TrainingJob.objects.all())) == "about 3,000"


def test_rows_that_match_evenly_are_extrapolated():
    for _ in range(200):
        jobs(10, algorithm="knn")
        jobs(10, algorithm="pca")
    assert count_of(TrainingJob.objects.filter(algorithm="knn")) == Count(2000, is_exact=False)


def test_few_rows_are_counted_anew_and_many_are_kept_for_a_moment(django_assert_num_queries):
    jobs(5)
    assert count_of(TrainingJob.objects.all()) == Count(5)
    jobs(20)
    assert count_of(TrainingJob.objects.all()) == Count(25)
    jobs(1)
    with django_assert_num_queries(1):
        assert count_of(TrainingJob.objects.all()) == Count(25)
    counts._entries.clear()
    assert count_of(TrainingJob.objects.all()) == Count(26)
