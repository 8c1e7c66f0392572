"""Jobs broken in many ways, by the console and by other clients: headline, rows, fix, and "Fix and retry" trains."""

import uuid

import pytest
from django.conf import settings

from models_app import aws, tasks
from models_app.aws.s3 import ensure_bucket
from models_app.create import submit
from models_app.create.clone import form_of_job
from models_app.create.form import CreateForm
from models_app.models import TrainingJob
from models_app.training import actions as job_actions
from models_app.training.evidence import evidence_of
from tests.broken_jobs import BROKEN, Broken
from tests.wire.models_app.conftest import prepare

pytestmark = pytest.mark.stack
DEEP = "".join(f"{i},{i % 7},{i % 2}\n" for i in range(200_000))  # a form looks at less


def broken_elsewhere(worker, broken: Broken) -> TrainingJob:
    """The job of `broken`, started by a plain client and failed."""
    bucket = settings.DEFAULT_BUCKET
    ensure_bucket(bucket)
    aws.client("s3").put_object(Bucket=bucket, Key=broken.key, Body=broken.body.encode())
    request = broken.request(bucket, settings.ROLE_ARN)
    aws.client("sagemaker").create_training_job(**request)
    tasks.sync.find_others.apply(throw=True)
    job = TrainingJob.objects.get(name=request["TrainingJobName"])

    def failed() -> bool:
        job.refresh_from_db()
        assert job.status != "Completed"
        return job.status == "Failed"

    worker.until(failed)
    return job


def trains(worker, alice, form: CreateForm) -> None:
    """The model that `form` asks for is created and trained."""
    spec = form.spec().but(name=f"mended-{uuid.uuid4().hex[:8]}", deploy_when_done=False)
    job = submit.create(alice, spec).job

    def done() -> bool:
        job.refresh_from_db()
        assert job.status != "Failed", job.failure_reason
        return job.status == "Completed"

    worker.until(done)


@pytest.mark.parametrize(
    "broken",
    [pytest.param(b, id=b.cause, marks=() if b.cause == "text-in-numbers" else pytest.mark.long) for b in BROKEN],
)
def test_a_job_that_another_client_broke_is_explained_and_trains_when_it_is_fixed(worker, alice, broken):
    job = broken_elsewhere(worker, broken)

    failure, evidence = job.failure, evidence_of(job)
    assert (failure.cause, job.status_note) == (broken.cause, failure.headline)
    assert (evidence.first if evidence else 0) == broken.line
    trains(worker, alice, form_of_job(job, failure.presses[0].changes if failure.presses else {}))


@pytest.mark.long
@pytest.mark.parametrize(
    "end, target, recipe, line",
    [
        ("12,x7,1\n", "y", {}, 200_002),
        ("12,7\n13,1,0\n", "y", {}, 200_002),
        ("12,7,\n13,1,0\n", "y", {"unlabelled": "refuse"}, 200_002),
    ],
    ids=["a cell of text", "a short row", "a row without a label"],
)
def test_a_job_of_ours_whose_table_is_bad_far_below_trains_when_it_is_fixed(
    worker, alice, draft, table, end, target, recipe, line
):
    bucket = table.split("/")[2]
    aws.client("s3").put_object(Bucket=bucket, Key="deep.csv", Body=f"a,b,y\n{DEEP}{end}".encode())
    job_spec = draft(data_uri=f"s3://{bucket}/deep.csv", target=target, deploy_when_done=False, **recipe)
    job_spec.hyperparameters = {"num_round": "2"}
    job = submit.create(alice, job_spec).job
    prepare(job)

    assert (job.status, job.failure.cause) == ("Failed", "preflight")
    assert evidence_of(job).first == line
    form = CreateForm.from_model(job.model).with_fix(job.failure.presses[0].changes)
    trains(worker, alice, form)


@pytest.mark.long
def test_a_job_of_ours_whose_table_was_replaced_trains_when_it_is_retried(worker, alice, draft, table):
    job = submit.create(alice, draft(deploy_when_done=False)).job
    bucket, key = table.split("/", 3)[2:]
    body = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=body + body.splitlines(keepends=True)[-1])
    prepare(job)

    assert (job.status, job.failure.cause) == ("Failed", "data-replaced")
    trains(worker, alice, CreateForm.from_model(job.model))


@pytest.mark.long
def test_a_job_of_ours_whose_table_is_gone_is_explained(worker, alice, draft, table):
    job = submit.create(alice, draft(deploy_when_done=False)).job
    bucket, key = table.split("/", 3)[2:]
    aws.client("s3").delete_object(Bucket=bucket, Key=key)
    prepare(job)

    assert job.status == "Failed" and job.failure.headline
    assert evidence_of(job) is None


@pytest.mark.long
def test_a_job_of_ours_with_a_role_that_does_not_exist_trains_when_it_is_corrected(worker, alice, draft, monkeypatch):
    job = submit.create(alice, draft(deploy_when_done=False)).job
    prepare(job)
    with monkeypatch.context() as patched:
        patched.setattr(settings, "ROLE_ARN", "arn:aws:iam::123456789012:role/NobodysRole")
        job_actions.launch(job)

    job.refresh_from_db()
    assert (job.status, job.failure.cause) == ("Failed", "role-not-assumable")
    trains(worker, alice, CreateForm.from_model(job.model))
