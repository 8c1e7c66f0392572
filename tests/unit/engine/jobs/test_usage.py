"""What a member's processes use, sampled under SageMaker's names."""

import os
import subprocess
import sys

import pytest

from common.memory import memory_of
from engine.jobs import usage
from engine.jobs.metrics import Metrics
from engine.jobs.usage import Usage
from tests.waiting import wait_for

BUSY = (
    "import os, time; os.fork(); block = bytearray(60_000_000); end = time.time() + 20\nwhile time.time() < end: pass"
)


@pytest.fixture
def busy():
    """A process and a child of it, each busy and with 60 MB."""
    process = subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True)
    yield process.pid
    os.killpg(process.pid, 9)
    process.wait()


def test_a_process_and_its_children_are_measured(busy, tmp_path, monkeypatch):
    monkeypatch.setattr(usage, "FIRST", 0.4)
    wait_for(lambda: memory_of(busy) > 110_000_000, "both processes to have their memory")
    sampler = Usage(memory=1_000_000_000)
    assert [*sampler.sample(busy, tmp_path)] == [], "the first sample has nothing to compare with"
    sample = wait_for(lambda: dict(sampler.sample(busy, tmp_path)), "the first sample")
    assert set(sample) == {"CPUUtilization", "MemoryUtilization", "DiskUtilization"}
    assert 1 < sample["CPUUtilization"] < 250 and 8 < sample["MemoryUtilization"] < 25
    assert 0 < sample["DiskUtilization"] <= 100
    assert [*sampler.sample(busy, tmp_path)] == [], "not due"


def test_samples_come_every_second_then_every_sixtieth_of_the_age_then_every_minute(tmp_path, monkeypatch, request):
    process = subprocess.Popen(["sleep", "600"])  # without children, whose end would take away their time
    request.addfinalizer(lambda: (process.kill(), process.wait()))
    clock = [1000.0]
    monkeypatch.setattr(usage.time, "monotonic", lambda: clock[0])
    sampler, times = Usage(1), []
    for second in range(4 * 86_400):  # a day, by quarters of a second
        clock[0] = 1000 + second / 4
        if dict(sampler.sample(process.pid, tmp_path) if second < 400 or second % 4 == 0 else ()):
            times.append(second / 4)
        if len(times) > 200:
            break
    gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    assert times[0] == 0.25 and set(gaps[:50]) == {1.0} and max(gaps) <= 60.25 and gaps == sorted(gaps)


def test_a_sample_is_a_row_of_the_member_in_percent_and_no_final_metric():
    metrics = Metrics("us-east-1", "/aws/sagemaker/TrainingJobs", "job/algo-1", [])
    metrics.add_sample("CPUUtilization", 151.5, 1_700_000_000)
    (row,) = metrics.closed
    assert (row.name, row.dimensions, row.unit, row.sum) == ("CPUUtilization", "Host=job/algo-1", "Percent", 151.5)
    assert metrics.final() == []
