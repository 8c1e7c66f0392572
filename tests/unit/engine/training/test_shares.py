"""How the machines of a job are asked, and what is left when that goes wrong. No other machine takes part."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.db.models import QuerySet
from django.db.models.functions import Now

from common.db import retry
from common.db.claim import ClaimLost, Unfinished
from engine.jobs.machines.mesh import Mesh
from engine.models import Share, TrainingJob, TrainingMachine
from engine.training import machines, shares
from engine.training.work import TRAINING

HERE, THERE, FURTHER = "127.0.0.1", "127.0.0.2", "127.0.0.3"
HOSTS = ("algo-1", "algo-2")


@pytest.fixture
def claim(db, monkeypatch):
    """A claim on a job of two members, on a machine that knows another one."""
    monkeypatch.setattr(machines, "own_address", lambda: HERE)
    monkeypatch.setattr(type(shares.SHARES), "send", lambda *_, **__: True)
    monkeypatch.setattr(shares, "GATHER", 0.0)
    monkeypatch.setattr(shares, "_form", lambda *_: None)
    monkeypatch.setattr(retry.time, "sleep", lambda _: None)
    TrainingMachine.objects.create(address=THERE, host="other", seen=Now())
    job = TrainingJob.objects.create(region="us-east-1", name="several", request={})
    yield TRAINING.take(job.pk)
    cache.delete(machines.LEFT_OUT.format(THERE))


def come(monkeypatch) -> None:
    """Have the other machine come at once."""
    real = shares._make

    def record(*arguments):
        rows = real(*arguments)
        Share.objects.update(status="Joined", port=1)
        return rows

    monkeypatch.setattr(shares, "_make", record)


def gather(claim) -> None:
    with shares.gathered(claim, HOSTS):
        pass


def test_an_idle_machine_that_does_not_come_is_left_out_next_time(claim):
    with pytest.raises(Unfinished, match="no trainer to spare") as raised:
        gather(claim)
    assert (raised.value.counted, raised.value.begun) == (False, False) and not Share.objects.exists()
    with shares.gathered(claim, HOSTS) as gang:
        assert gang.hosts == HOSTS


def test_a_busy_machine_that_does_not_come_is_waited_for(claim):
    TrainingJob.objects.create(region="us-east-1", name="another", request={}, worker="other:1:a", heartbeat=Now())
    for _ in range(2):
        with pytest.raises(Unfinished, match="no trainer to spare"):
            gather(claim)


@pytest.mark.parametrize("is_later", [True, False])
def test_of_two_jobs_that_wait_for_each_other_the_later_gives_way(claim, monkeypatch, is_later):
    another = TrainingJob(pk=claim.row.pk + (-1 if is_later else 1), region="us-east-1", name="another", request={})
    another.save(force_insert=True)
    parameters = {"leader": "other:1:a", "leader_address": THERE, "leader_port": 1, "number": 1, "address": HERE}
    Share.objects.create(job=another, **parameters)
    monkeypatch.setattr(shares, "YIELD", -1.0)
    with pytest.raises(Unfinished, match="An earlier job waits" if is_later else "no trainer to spare") as raised:
        gather(claim)
    assert (raised.value.counted, raised.value.begun) == (False, False) and raised.value.delay > 0
    assert Share.objects.get().job == another


def test_a_machine_whose_worker_has_ended_before_it_came_is_missing(claim, monkeypatch):
    real = shares._make
    monkeypatch.setattr(shares, "_make", lambda *a: [real(*a), Share.objects.all().delete()][0])
    with pytest.raises(Unfinished, match=f"at {THERE} have no trainer"):
        gather(claim)


def test_the_others_hear_of_the_end_although_the_database_is_away(claim, monkeypatch):
    come(monkeypatch)
    done: list[str] = []

    def away(*_):
        assert done == ["told", "closed"]
        raise OperationalError("it is away")

    monkeypatch.setattr(Mesh, "tell_all", lambda *_: done.append("told"))
    monkeypatch.setattr(Mesh, "close", lambda _: done.append("closed"))
    with pytest.raises(OperationalError), shares.gathered(claim, HOSTS) as gang:  # noqa: PT012
        gang.mesh.lost[1] = "it does not answer"
        monkeypatch.setattr(shares, "_forget", away)
        monkeypatch.setattr(machines, "forget", away)


@pytest.mark.parametrize("query", ["create", "values_list"])
def test_a_database_that_is_away_for_a_moment_costs_no_attempt(transactional_db, claim, monkeypatch, query):
    """When the shares are made, and while they are waited for."""
    come(monkeypatch)
    real, refused = getattr(QuerySet, query), []

    def once(rows, *arguments, **options):
        if rows.model is Share and not refused:
            refused.append(query)
            raise OperationalError("it is away")
        return real(rows, *arguments, **options)

    monkeypatch.setattr(QuerySet, query, once)
    gather(claim)
    assert refused


def test_a_share_of_a_job_that_another_worker_has_is_void(claim):
    share = Share.objects.create(
        job=claim.row, leader="gone", leader_address=HERE, leader_port=1, number=1, address=THERE
    )
    with pytest.raises(ClaimLost):
        shares.job_of(shares.SHARES.take(share.pk))


def test_a_machine_that_was_not_seen_lately_is_not_asked(claim, settings):
    TrainingMachine.objects.create(
        address=FURTHER, host="silent", seen=Now() - timedelta(seconds=2 * settings.CLAIM_LEASE)
    )
    assert machines.others(5) == [THERE]


@pytest.mark.parametrize("text", ["0.0.0.0", "::", "192.0.2.1", "machine-2", "10.0.0.2/24"])  # noqa: S104
def test_an_address_at_which_nobody_can_call_has_no_effect_and_the_log_says_so(settings, caplog, text):
    settings.MACHINE_ADDRESS = text
    assert machines.own_address.__wrapped__() == ""
    assert "SAGEWRIGHT_MACHINE_ADDRESS has no effect" in caplog.text and text in caplog.text
