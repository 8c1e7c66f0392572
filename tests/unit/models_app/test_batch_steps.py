"""A batch prediction's two steps in the reader, on a real store: rows out, answers in, and what stops them."""

import json
import uuid
from io import BytesIO

import pytest
from django.contrib.auth.models import User

from models_app.aws import s3_store
from models_app.batch import actions, requests
from models_app.batch.table_steps import BATCH
from models_app.models import Model, TrainingJob, TransformJob
from tests.wire.conftest import transactional_db, warm_tables, written_tables

__all__ = ["transactional_db", "warm_tables", "written_tables"]
BINARY = {"objective": "binary:logistic"}
TABLE = "id,age\nA,31\nB,old\nC,5\n"
SCHEMA = {
    "columns": [
        {"name": "age", "kind": "number", "role": "feature"},
        {"name": "left", "kind": "text", "role": "target", "values": ["no", "yes"]},
    ],
    "features": ["age"], "target": "left", "classes": ["no", "yes"], "algorithm": "xgboost",
}  # fmt: skip


@pytest.fixture
def alice(transactional_db, warm_tables) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def begun(alice, put, settings) -> TransformJob:
    """Alice's batch prediction of a real table in a real store, not read yet."""
    uri = put(TABLE)
    settings.DEFAULT_BUCKET = uri.split("/")[2]
    job = TrainingJob.objects.create(
        name="t", owner=alice, status="Completed", artifact="s3://b/m.tar.gz", hyperparameters=BINARY
    )
    model = Model.objects.create(
        name="m", owner=alice, algorithm="xgboost", job=job, schema=SCHEMA, hyperparameters=BINARY
    )
    etag = s3_store.locate(uri).etag
    return actions.begin(alice, model, uri, etag, {}, uuid.uuid4(), "ml.m5.large")


@pytest.fixture
def put_at(transactional_db):
    """Puts a text at an S3 address."""

    def put_now(uri: str, text: str) -> None:
        bucket, _slash, key = uri.removeprefix("s3://").partition("/")
        s3_store.STORE.put(bucket, key, BytesIO(text.encode()), "text/csv")

    return put_now


def read(uri: str) -> str:
    bucket, _slash, key = uri.removeprefix("s3://").partition("/")
    with s3_store.STORE.open(bucket, key) as body:
        return body.read().decode()


def perform(row: TransformJob) -> None:
    """Let a worker do what waits for it."""
    BATCH.perform(row.pk)
    row.refresh_from_db()


def test_rows_go_out_and_answers_come_back_beside_them(begun, put_at):
    perform(begun)
    assert (begun.status, begun.rows, begun.sent) == ("Launching", 3, 2), begun.failure_reason
    assert "old" in begun.why or "age" in begun.why
    assert read(requests.file_of(begun, "input/rows")) == "31\n5\n"
    assert json.loads(read(requests.file_of(begun, "schema.json")))["names"] == ["id", "age"]
    put_at(requests.answers_uri(begun), "0.75\n0.25\n")
    begun.move_to("InProgress")
    begun.move_to("Collecting")
    perform(begun)
    assert (begun.status, begun.result["answered"]) == ("Completed", 2), begun.failure_reason
    lines = read(begun.output_uri).splitlines()
    assert lines[1].startswith("A,31,yes,0.75") and lines[2].startswith("B,old,,") and "row 2" in lines[2]


def test_answers_that_are_too_few_fail_it_and_nothing_is_written(begun, put_at):
    perform(begun)
    put_at(requests.answers_uri(begun), "0.75\n")
    begun.move_to("InProgress")
    begun.move_to("Collecting")
    perform(begun)
    assert begun.status == "Failed"
    assert "fewer answers than rows" in begun.failure_reason
    assert begun.output_uri == ""


def test_a_table_that_was_replaced_is_not_predicted(begun, put_at):
    put_at(begun.input_uri, TABLE + "D,7\n")
    perform(begun)
    assert begun.status == "Failed"
    assert "was replaced" in begun.failure_reason
