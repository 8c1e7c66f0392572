"""Old log events go to a real bucket, and stay while there is none."""

import gzip
import json
from datetime import timedelta

import pytest
from django.utils.timezone import now

from common.s3_uri import S3Uri
from engine.models import LogEvent, RetentionMark
from engine.retention import clock
from engine.retention.run import run
from tests.wire.conftest import BUCKET

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("bucket", [BUCKET, "there-is-no-such-bucket"])
def test_old_log_events_are_in_the_bucket_before_they_go(object_store, settings, bucket):
    RetentionMark.objects.create(name=clock.NAME, position=int(now().timestamp()))
    settings.TELEMETRY_DAYS, settings.TELEMETRY_ARCHIVE = 10, S3Uri(bucket, "archive/한국")
    at = int((now() - timedelta(days=11)).timestamp() * 1000)
    LogEvent.objects.bulk_create(
        LogEvent(region="us-east-1", group="/g", stream="s/1", timestamp=at, ingested=at, message=f"line {n} \u2028 é")
        for n in range(300)
    )
    run(now())
    if bucket != BUCKET:
        assert LogEvent.objects.count() == 300
        return
    assert not LogEvent.objects.exists()
    keys = [
        item["Key"] for item in object_store.list_objects_v2(Bucket=BUCKET, Prefix="archive/한국/logs/")["Contents"]
    ]
    lines, manifest = (object_store.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in sorted(keys))
    assert [json.loads(line)["message"] for line in gzip.decompress(lines).splitlines()] == [
        f"line {n} \u2028 é" for n in range(300)
    ]
    assert json.loads(manifest)["groups"] == {"/g:s/1": 300}
