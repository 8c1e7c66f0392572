"""What was checked is what is trained on: a table replaced in between, or a fault deep in it, starts nothing."""

import re

import pytest

from common.s3_uri import split_s3_uri
from models_app import aws
from models_app.create import submit
from models_app.data import scans
from models_app.data.scans import SCANNING
from models_app.models import Scan
from models_app.training import actions as job_actions
from models_app.work.whole_table import WholeTable
from tests.wire.models_app.conftest import prepare

pytestmark = pytest.mark.stack


def started(name: str) -> bool:
    try:
        with aws.plain_errors():
            aws.client("sagemaker").describe_training_job(TrainingJobName=name)
    except aws.NotFound:
        return False
    return True


def replace(uri: str) -> None:
    bucket, key = split_s3_uri(uri)
    body = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    lines = body.splitlines(keepends=True)
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"".join(lines[:-1]))


@pytest.mark.parametrize("when", ["before it is prepared", "before it is launched"])
def test_a_table_that_was_replaced_is_not_trained_on(worker, alice, draft, table, when):
    job = submit.create(alice, draft(deploy_when_done=False)).job
    if when == "before it is launched":
        prepare(job)
    replace(table)
    (prepare if job.status == "Created" else job_actions.launch)(job)
    assert job.status == "Failed"
    words = f"{table} was replaced at HH:MM after it was checked; nothing was started. Look at the data again."
    assert re.sub(r"\d\d:\d\d UTC", "HH:MM", job.failure_reason) == words
    assert job.failure.headline.startswith(f"{table} was replaced at ")
    assert not started(job.name)


def test_a_job_whose_answer_was_lost_is_adopted_though_its_table_was_replaced_since(worker, alice, draft, table):
    job = submit.create(alice, draft(deploy_when_done=False)).job
    prepare(job)
    job_actions.launch(job)
    assert job.status == "InProgress"
    type(job).objects.filter(pk=job.pk).update(status="Launching", arn="")
    job.refresh_from_db()
    replace(table)
    job_actions.launch(job)
    assert job.status == "InProgress" and started(job.name)


def test_the_report_is_kept_and_what_blocks_it_starts_nothing(worker, alice, draft, table):
    bucket = table.split("/")[2]
    good = "".join(f"{i},{i % 7},{i % 2}\n" for i in range(200_000))
    body = f"a,b,y\n{good}12,x7,1\n13,$9,0\n"
    aws.client("s3").put_object(Bucket=bucket, Key="deep.csv", Body=body.encode())
    job_spec = draft(data_uri=f"s3://{bucket}/deep.csv", target="y", deploy_when_done=False)
    job = submit.create(alice, job_spec).job  # the first megabyte is clean
    prepare(job)
    assert job.status == "Failed" and job.failure_reason.startswith("Preflight: ")
    assert job.preflight["blocks"] and job.preflight["complete"] and job.preflight["rows"] == 200_002
    assert not started(job.name)
    assert job.failure.fixes, "a finding's fixes are the failure's"


def test_a_scan_that_was_watched_is_not_read_again(worker, alice, draft, table, monkeypatch):
    one = draft(deploy_when_done=False)
    model = submit.create(alice, one)
    scan = scans.start(alice, model.data_uri, model.data_etag, model.full_recipe)
    SCANNING.perform(scan.pk)
    assert Scan.objects.get().status == "Done"
    monkeypatch.setattr(WholeTable, "scan", lambda *_: pytest.fail("read again"))
    prepare(model.job)
    assert model.job.status == "Launching" and model.job.preflight["rows"] == 569
