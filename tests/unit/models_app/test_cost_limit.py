"""What a cost limit buys is asked of SageMaker as time."""

import pytest

from models_app.aws import requests
from models_app.create import cost_limit
from models_app.problems import Problem


@pytest.mark.parametrize("backend", ["engine", "aws"])
def test_the_run_time_is_what_the_limit_buys(training, settings, backend):
    settings.BACKEND = backend
    training.model.cost_limit = 0.0575  # half an hour of ml.m5.large, less the two minutes a job may take to end
    assert requests.training_job(training)["StoppingCondition"] == {"MaxRuntimeInSeconds": 1680}
    assert cost_limit.told(training.model) == (
        "Stopped after 28 min at the latest: the cost limit of $0.06 buys no more of ml.m5.large"
    )


def test_a_limit_that_buys_more_than_was_allowed_changes_nothing(training):
    training.model.cost_limit = 10
    assert (cost_limit.runtime(training.model), cost_limit.told(training.model)) == (3600, "")
    training.model.cost_limit = None
    assert (cost_limit.runtime(training.model), cost_limit.told(training.model)) == (3600, "")


def test_two_machines_cost_twice(training):
    training.model.cost_limit, training.model.instance_count = 0.115, 2
    assert cost_limit.runtime(training.model) == 1680


def test_a_limit_that_buys_nothing_is_refused_with_the_least_that_does(training):
    training.model.cost_limit = 0.004
    with pytest.raises(Problem, match=r"under \$0.01 buys 2 min 5 s of ml.m5.large, too little to train") as refused:
        cost_limit.runtime(training.model)
    assert refused.value.field == "cost_limit" and "Allow at least $0.01" in refused.value.message


def test_without_a_price_a_limit_cannot_be_kept(training):
    training.model.cost_limit, training.model.instance_type = 1, "ml.unheard.of"
    with pytest.raises(Problem, match="The price of ml.unheard.of is not known"):
        cost_limit.runtime(training.model)
