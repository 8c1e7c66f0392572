"""kill -9 in the middle of jobs: every job ends right, one of everything, nothing stuck.

`make proofs` kills every process twice, `python -m tests.kill_run` kills each of them many times, under load.
"""

import os
import signal
from collections.abc import Sequence

import pytest

from console.supervisor.process_group import command_of
from tests.kill.console import Console
from tests.kill.jobs import HEADED, Jobs, stamp
from tests.stack import Stack
from tests.waiting import wait_for

pytestmark = pytest.mark.kill
KILLS = 2
ROUNDS = 60  # of jobs that are there to be prepared, launched and followed while others are killed
LONG = 150  # of jobs whose trainer is killed, so that it is in their middle
VICTIMS = ("trainer", "worker", "gateway", "reader", "web", "engine", "valkey")


def test_jobs_end_right_when_trainer_worker_gateway_and_valkey_are_killed_in_their_middle(stack, jobs, console):
    """Valkey last, for a worker that is started anew cannot fail to notice that it was away."""
    _kill_in_the_middle(("trainer", "worker", "gateway", "valkey", "valkey"), stack, jobs, console)


@pytest.mark.long
@pytest.mark.parametrize("victim", VICTIMS)
def test_killed_twice_in_the_middle_of_jobs(victim, stack, jobs, console):
    _kill_in_the_middle((victim,) * KILLS, stack, jobs, console)


def _kill_in_the_middle(victims: Sequence[str], stack: Stack, jobs: Jobs, console: Console) -> None:
    """Kill one after the other, each while a job of its own trains and another is about to be prepared."""
    models, started, prefix = [], {}, f"{victims[0]}-{stamp()}"
    for number, victim in enumerate(victims):
        models.append(console.create(f"{prefix}-model-{number}", HEADED, ROUNDS))
        started[jobs.start(f"{prefix}-{number}", _rounds(victim))] = victim
        stack.wait_for_restart(victim, stack.kill(victim))

    begun = {name: _ended(jobs, name, _rounds(victim)) for name, victim in started.items()}
    wait_for(
        lambda: all(m["status"] == "Completed" and m["log_done"] for m in console.report(models).values()),
        f"the console to see its models end: {console.report(models)}",
        stack.tail,
    )
    _check_models(console.report(models), models, jobs)
    caught = [begun[name] for name, victim in started.items() if victim == "trainer"]
    assert not caught or max(caught) > 1, "no job was caught in the middle: this test has not tested anything"
    others = {begun[name] for name, victim in started.items() if victim != "trainer"}
    assert others <= {1}, f"only the trainer's death may cost a job its work: {begun}"


def _rounds(victim: str) -> int:
    return LONG if victim == "trainer" else ROUNDS


def _ended(jobs: Jobs, name: str, rounds: int) -> int:
    jobs.wait(name)
    return jobs.check(name, rounds)


def _check_models(report: dict, models: list[str], jobs: Jobs) -> None:
    """Each model was launched once, on the console's side and on the engine's, and its curve has no point twice."""
    assert sorted(report) == sorted(models)
    for name, model in report.items():
        assert len(model["jobs"]) == 1, model
        listed = jobs.sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"]
        assert [job["TrainingJobName"] for job in listed] == model["jobs"]
        assert model["points"], "the curve is empty"
        assert set(model["points"].values()) == {ROUNDS}, model["points"]


def test_a_killed_zygote_is_replaced_and_costs_nobody_anything(stack):
    wait_for(lambda: stack.state().get("ready"), "every process to answer", stack.tail)
    before, (zygote,) = stack.state()["pids"], _zygotes(stack)
    os.kill(zygote, signal.SIGKILL)
    wait_for(lambda: [pid for pid in _zygotes(stack) if pid != zygote], "another zygote", stack.tail)
    stack.wait_for_restart("beat", stack.kill("beat"))
    after = stack.state()["pids"]
    assert {name for name, pid in after.items() if pid != before[name]} == {"beat"}


def _zygotes(stack) -> list[int]:
    return [pid for pid in stack.processes() if command_of(pid)[1:3] == ["-m", "console.zygote"]]
