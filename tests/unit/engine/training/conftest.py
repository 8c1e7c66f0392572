"""A real store, a real zygote that knows the double, and jobs to run."""

import itertools
import re
import sys

import pytest

import algorithms
from engine.jobs import child
from engine.models import LogEvent, TrainingJob
from engine.training.work import TRAINING
from tests.environment import DATA
from tests.stack import ROOT
from tests.unit.engine.training.double import DOUBLE
from tests.wire.conftest import transactional_db, written_tables

__all__ = ["transactional_db", "written_tables"]

BUCKET = "training"
PATHS = re.compile("|".join(rf"(?<![\w.-]){re.escape(path)}/" for path in (str(ROOT), str(DATA), sys.prefix)))
_numbers = itertools.count(1)


@pytest.fixture
def bucket(stored):
    """The objects of a bucket named BUCKET, by a boto3 client of the store."""
    if BUCKET not in [b["Name"] for b in stored.list_buckets()["Buckets"]]:
        stored.create_bucket(Bucket=BUCKET)
    return stored


@pytest.fixture(scope="session")
def _zygote_program():
    """One zygote for the whole session: that is what it is for."""
    child.shut_down()  # another program's
    child.PROGRAM, real = "tests.unit.engine.training.double", child.PROGRAM
    yield
    child.shut_down()
    child.PROGRAM = real


@pytest.fixture
def double(monkeypatch, _zygote_program):
    monkeypatch.setitem(algorithms.ALGORITHMS, "double", DOUBLE)


@pytest.fixture
def jobs_folder(tmp_path, settings):
    settings.JOBS_FOLDER = tmp_path / "jobs"
    return settings.JOBS_FOLDER


@pytest.fixture
def make_job(transactional_db, double, bucket, jobs_folder):
    def make(do: str = "", value="", **request) -> TrainingJob:
        request = {
            "AlgorithmSpecification": {"TrainingImage": "x/double:1", "TrainingInputMode": "File"},
            "HyperParameters": {"do": do, "value": str(value)},
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            "RoleArn": "arn:aws:iam::123456789012:role/SageMakerRole",
        } | request
        return TrainingJob.objects.create(region="us-east-1", name=f"job-{next(_numbers)}", request=request)

    return make


@pytest.fixture
def run():
    """Claim a job and run it to its end; the row as it is then."""

    def run_now(job: TrainingJob) -> TrainingJob:
        TRAINING.perform(job.pk)
        job.refresh_from_db()
        lines = LogEvent.objects.filter(stream__startswith=f"{job.name}/").values_list("message", flat=True)
        for text in (job.failure_reason, *lines):
            assert not PATHS.search(text), f"a path of this server: {text}"
        return job

    return run_now
