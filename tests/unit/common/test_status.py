import pytest

from common.db.status import IllegalMove
from engine.models import TrainingJob

pytestmark = pytest.mark.django_db
S = TrainingJob.Status


def test_the_second_of_two_workers_loses():
    TrainingJob.objects.create(region="us-east-1", name="a")
    one, two = TrainingJob.objects.get(), TrainingJob.objects.get()
    assert one.move_to(S.COMPLETED)
    assert not two.move_to(S.FAILED)
    assert two.status == S.COMPLETED


def test_a_finished_job_goes_nowhere():
    job = TrainingJob.objects.create(region="us-east-1", name="a", status=S.COMPLETED)
    with pytest.raises(IllegalMove):
        job.move_to(S.IN_PROGRESS)
