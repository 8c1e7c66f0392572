"""A kind of work for tests, on real rows: what it does is what the test says."""

import pytest
from django.db.models import Q

from common.db.work import Work
from engine.models import TrainingJob
from tests.wire.conftest import transactional_db, written_tables

__all__ = ["transactional_db", "written_tables"]
Status = TrainingJob.Status


class Errand(Work[TrainingJob]):
    """Calls `action` with the claim. `sent` are the rows that workers were asked about, with the delay."""

    model = TrainingJob
    task = "engine.training.tasks.run"
    runner = "tests.unit.common.conftest.act"
    waiting = Q(status=Status.IN_PROGRESS)
    max_attempts = 3
    action = staticmethod(lambda claim: None)

    def __init__(self):
        self.limit = 3600.0
        self.sent: list[tuple[int, float]] = []

    def time_limit(self, row):
        return self.limit

    def give_up(self, row, cause):
        row.move_to(Status.FAILED, failure_reason=f"{type(cause).__name__}: {cause}")

    def send(self, pk, delay=0.0):
        self.sent.append((pk, delay))
        return True


def act(claim):
    Errand.action(claim)


@pytest.fixture
def work() -> Errand:
    return Errand()


@pytest.fixture
def does(monkeypatch):
    """Says what the work does."""
    return lambda action: monkeypatch.setattr(Errand, "action", staticmethod(action))


@pytest.fixture
def row(transactional_db, settings) -> TrainingJob:
    settings.CLAIM_HEARTBEAT, settings.CLAIM_LEASE = 0.05, 1.0
    return TrainingJob.objects.create(region="us-east-1", name="a", request={})
