"""What a cost limit buys is sent to SageMaker as time."""

import pytest

from common.problems import Problem
from jobs import JobSpec
from jobs.limits import limit_note, max_runtime

HALF_AN_HOUR = 0.0575  # US dollars for ml.m5.large


def test_the_run_time_is_what_the_limit_buys():
    spec = JobSpec(cost_limit=HALF_AN_HOUR)
    assert max_runtime(spec) == 1680  # less the two minutes that a job may take to end
    assert limit_note(spec) == "Stopped after 28 min at the latest: the cost limit of $0.06 buys no more of ml.m5.large"


@pytest.mark.parametrize("limit", [10, None])
def test_a_limit_that_buys_more_than_was_allowed_changes_nothing(limit):
    spec = JobSpec(cost_limit=limit)
    assert (max_runtime(spec), limit_note(spec)) == (3600, "")


def test_two_instances_cost_twice():
    assert max_runtime(JobSpec(cost_limit=2 * HALF_AN_HOUR, instance_count=2)) == 1680


def test_a_limit_that_buys_nothing_is_refused_with_the_least_that_does():
    with pytest.raises(Problem, match=r"under \$0.01 buys 2 min 5 s of ml.m5.large, too little to train") as refused:
        max_runtime(JobSpec(cost_limit=0.004))
    assert refused.value.field == "cost_limit" and "Allow at least $0.01" in refused.value.message


def test_without_a_price_a_limit_cannot_be_kept():
    with pytest.raises(Problem, match=r"The price of ml.unheard.of is not known"):
        max_runtime(JobSpec(cost_limit=1, instance_type="ml.unheard.of"))
