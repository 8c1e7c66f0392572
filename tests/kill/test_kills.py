"""kill -9 in the middle of jobs, five times each: every job ends right, one of everything, nothing stuck."""

from collections.abc import Iterator

import pytest

from tests.kill.console import Console
from tests.kill.jobs import HEADED, Jobs, stamp
from tests.stack import Stack
from tests.waiting import wait_for

pytestmark = pytest.mark.kill
KILLS = 5
ROUNDS = 60  # of the console's models, which are there to be prepared, launched and followed


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack of this module's own: nobody else's tests should see it die."""
    with Stack() as running:
        yield running


@pytest.fixture(scope="module")
def jobs(stack) -> Jobs:
    return Jobs(stack)


@pytest.fixture(scope="module")
def console(stack, jobs) -> Iterator[Console]:
    with Console(stack) as console:
        yield console


@pytest.mark.parametrize("victim", ["trainer", "reader", "worker", "web", "engine", "gateway", "valkey"])
def test_killed_five_times_in_the_middle_of_jobs(victim, stack, jobs, console):
    started, models = [], []
    prefix = f"{victim}-{stamp()}"
    for kill in range(KILLS):
        if victim in ("reader", "worker") or kill in (0, KILLS - 1):
            models.append(console.create(f"{prefix}-model-{kill}", HEADED, ROUNDS))
        started.append(jobs.start(f"{prefix}-{kill}"))
        old = stack.kill(victim)
        stack.wait_for_restart(victim, old)

    begun = {name: _ended(jobs, name) for name in started}
    wait_for(
        lambda: all(m["status"] == "Completed" and m["log_done"] for m in console.report(models).values()),
        f"the console to see its models end: {console.report(models)}",
        stack.tail,
    )
    _check_models(console.report(models), models, jobs)
    if victim == "trainer":
        assert max(begun.values()) > 1, "no job was caught in the middle: this test has not tested anything"
    else:
        assert set(begun.values()) == {1}, f"only the trainer's death may cost a job its work: {begun}"


def _ended(jobs: Jobs, name: str) -> int:
    jobs.wait(name)
    return jobs.check(name)


def _check_models(report: dict, models: list[str], jobs: Jobs) -> None:
    """Each model was launched once, on the console's side and on the engine's, and its curve has no point twice."""
    assert sorted(report) == sorted(models)
    for name, model in report.items():
        assert len(model["jobs"]) == 1, model
        listed = jobs.sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"]
        assert [job["TrainingJobName"] for job in listed] == model["jobs"]
        assert model["points"], "the curve is empty"
        assert set(model["points"].values()) == {ROUNDS}, model["points"]
