"""Failures that no cause had been written for, run for real: each is called what it is."""

import gzip
import io

import polars as pl
import pytest
from django.conf import settings

from models_app import aws, tasks
from models_app.aws.s3 import ensure_bucket
from models_app.models import TrainingJob
from tests.broken_jobs import XGBOOST, Broken, table

pytestmark = [pytest.mark.stack, pytest.mark.long]
POISSON = {"num_round": "5", "objective": "count:poisson"}
LINEAR = {"predictor_type": "regressor", "feature_dim": "9", "mini_batch_size": "50"}
CASES = {
    "an empty file": Broken("new-empty", ""),
    "UTF-16": Broken("new-utf16", table()),
    "a Parquet file": Broken("new-parquet", table()),
    "a short row": Broken("new-ragged", table({100: "1,4"})),
    "a label that is not a number": Broken("new-nan", table({50: "nan,4,5"})),
    "counts below zero": Broken("new-poisson", table({7: "-3,1,2"}), POISSON),
    "constraints of another width": Broken("new-monotone", table(), XGBOOST | {"monotone_constraints": "(1,0,1,-1,1)"}),
    "feature_dim of another table": Broken("new-linear", table(), LINEAR, algorithm="linear-learner"),
    "more components than columns": Broken(
        "new-pca",
        table(),
        {"num_components": "9", "feature_dim": "2", "mini_batch_size": "50"},
        algorithm="pca",
        content_type="text/csv;label_size=1",
    ),
    "a gzip that ends early": Broken("new-gzip", table()),
    "weights below zero": Broken(
        "new-weights", "\n".join(f"{i % 2},{-i},{i % 7}" for i in range(200)), XGBOOST | {"csv_weights": "1"}
    ),
}


CAUSES = {
    "an empty file": "channel-empty",
    "UTF-16": "not-plain-text",
    "a Parquet file": "not-plain-text",
    "a short row": "rows-of-another-width",
    "a label that is not a number": "label-missing",
    "counts below zero": "labels-negative",
    "constraints of another width": "constraints-need-tree-method",
    "feature_dim of another table": "feature-dim",
    "more components than columns": "num-components",
    "a gzip that ends early": "packed-damaged",
    "weights below zero": "weights-negative",
}


def body_of(broken: Broken) -> bytes:
    body = broken.body.encode()
    if broken.cause == "new-utf16":
        return broken.body.encode("utf-16")
    if broken.cause == "new-gzip":
        return gzip.compress(body)[:-30]
    if broken.cause == "new-parquet":
        stream = io.BytesIO()
        pl.read_csv(body, has_header=False).write_parquet(stream)
        return stream.getvalue()
    return body


@pytest.mark.parametrize(("name", "cause"), CAUSES.items(), ids=CAUSES)
def test_a_failure_that_no_cause_was_written_for_is_called_what_it_is(worker, name, cause):
    broken = CASES[name]
    bucket = settings.DEFAULT_BUCKET
    ensure_bucket(bucket)
    aws.client("s3").put_object(Bucket=bucket, Key=broken.key, Body=body_of(broken))
    request = broken.request(bucket, settings.ROLE_ARN)
    if broken.cause == "new-gzip":
        request["InputDataConfig"][0]["CompressionType"] = "Gzip"
    aws.client("sagemaker").create_training_job(**request)
    tasks.sync.find_others.apply(throw=True)
    job = TrainingJob.objects.get(name=request["TrainingJobName"])

    def over() -> bool:
        job.refresh_from_db()
        return job.is_final

    worker.until(over)
    assert (job.status, job.failure.cause) == ("Failed", cause), job.failure_reason
