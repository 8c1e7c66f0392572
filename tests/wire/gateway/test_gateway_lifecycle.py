"""Lifecycle rules of buckets: what is put is read back, and what they say is done, at any time that a test likes."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from tests.wire.gateway.conftest import REGION

EXPIRE = (
    "from datetime import datetime; from engine.s3 import expiry; expiry.expire(datetime.fromisoformat(at)); answer = 1"
)


@pytest.fixture
def name(s3, request) -> str:
    name = f"rules-{abs(hash(request.node.name)) % 10**9}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


@pytest.fixture
def expire_after(world):
    """Do what the rules say, as if so many days had passed."""

    def expire_after(days: float) -> None:
        at = datetime.now(UTC) + timedelta(days=days)
        world.run(EXPIRE, at=at.isoformat())

    return expire_after


def put(s3, name: str, *rules: dict) -> None:
    rules = [{"ID": f"rule {n}", "Status": "Enabled"} | rule for n, rule in enumerate(rules)]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})


def keys(s3, name: str) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket=name).get("Contents", [])]


def code_of(call, **named) -> str:
    with pytest.raises(ClientError) as caught:
        call(**named)
    return caught.value.response["Error"]["Code"]


def test_rules_are_read_back_as_they_were_put_until_they_are_deleted(s3, name):
    assert code_of(s3.get_bucket_lifecycle_configuration, Bucket=name) == "NoSuchLifecycleConfiguration"
    rules = [
        {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "tmp/é&<"}, "Expiration": {"Days": 3}},
        {"ID": "b", "Status": "Disabled", "Prefix": "", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
        {
            "ID": "c",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "x", "Tags": [{"Key": "k", "Value": "v"}], "ObjectSizeGreaterThan": 5}},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 2, "NewerNoncurrentVersions": 1},
        },
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"] == rules
    assert code_of(put, s3=s3, name=name, **{}) == "MalformedXML"
    assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"] == rules
    s3.delete_bucket_lifecycle(Bucket=name)
    s3.delete_bucket_lifecycle(Bucket=name)
    assert code_of(s3.get_bucket_lifecycle_configuration, Bucket=name) == "NoSuchLifecycleConfiguration"


def test_a_bucket_that_is_made_anew_has_no_rules(s3, name, world, expire_after):
    put(s3, name, {"Prefix": "", "Expiration": {"Days": 1}})
    s3.delete_bucket(Bucket=name)
    assert code_of(s3.get_bucket_lifecycle_configuration, Bucket=name) == "NoSuchBucket"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=name, Key="a", Body=b"x")
    expire_after(10)
    assert keys(s3, name) == ["a"]


def test_a_viewer_sets_no_rules(world, name):
    viewer = world.client(role="viewer")
    assert code_of(put, s3=viewer, name=name) == "AccessDenied"
    assert code_of(viewer.delete_bucket_lifecycle, Bucket=name) == "AccessDenied"
    viewer.close()


def test_objects_expire_by_prefix_size_and_tag_and_nothing_else_does(s3, name, expire_after):
    strange = ["tmp/\x01", "tmp/ é\r\n&<", "tmp//x", "tmp/" + "a" * 300]
    for key in ("keep", "tmp", "tmp.csv", "tmp/b", "big/1", "big/2", "tagged/1", "tagged/2", *strange):
        tags = {"Tagging": "kind=scratch&more=1"} if key == "tagged/1" else {}
        s3.put_object(Bucket=name, Key=key, Body=b"xxxxx" if key == "big/2" else b"x", **tags)
    put(
        s3,
        name,
        {"Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 2}},
        {"Filter": {"And": {"Prefix": "big/", "ObjectSizeGreaterThan": 1}}, "Expiration": {"Days": 2}},
        {"Filter": {"Tag": {"Key": "kind", "Value": "scratch"}}, "Expiration": {"Days": 4}},
        {"Filter": {"Prefix": ""}, "Expiration": {"Days": 1}, "Status": "Disabled"},
    )
    before = keys(s3, name)
    expire_after(1.5)
    assert keys(s3, name) == before
    expire_after(3.5)
    assert keys(s3, name) == ["big/1", "keep", "tagged/1", "tagged/2", "tmp", "tmp.csv"]
    expire_after(5.5)
    assert keys(s3, name) == ["big/1", "keep", "tagged/2", "tmp", "tmp.csv"]


def test_what_is_written_over_while_objects_expire_stays(world, s3, name):
    s3.put_object(Bucket=name, Key="a", Body=b"old")
    s3.put_object(Bucket=name, Key="\x01", Body=b"old")
    delete = "from engine import store; from engine.s3 import expiry; expiry._delete(store.client(), bucket, items)"
    old = [{"Key": key, "ETag": s3.head_object(Bucket=name, Key=key)["ETag"]} for key in ("a", "\x01")]
    for key in ("a", "\x01"):
        s3.put_object(Bucket=name, Key=key, Body=b"new")
    world.run(delete, bucket=name, items=old)
    assert keys(s3, name) == ["\x01", "a"]


def test_unfinished_uploads_are_aborted_and_others_go_on(s3, name, expire_after):
    for key in ("a/1", "b/1"):
        s3.create_multipart_upload(Bucket=name, Key=key)
    put(s3, name, {"Prefix": "a/", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}})
    expire_after(1.5)
    assert len(s3.list_multipart_uploads(Bucket=name)["Uploads"]) == 2
    expire_after(3.5)
    assert [upload["Key"] for upload in s3.list_multipart_uploads(Bucket=name)["Uploads"]] == ["b/1"]


def test_versions_expire_after_they_were_replaced_and_markers_when_nothing_is_behind_them(s3, name, expire_after):
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for key, count in (("a", 4), ("gone", 1)):
        for number in range(count):
            s3.put_object(Bucket=name, Key=key, Body=str(number).encode())
    s3.delete_object(Bucket=name, Key="gone")
    newest = [v["VersionId"] for v in s3.list_object_versions(Bucket=name, Prefix="a")["Versions"]][:2]
    noncurrent = {"NoncurrentDays": 2, "NewerNoncurrentVersions": 1}
    put(
        s3,
        name,
        {"Prefix": "a", "NoncurrentVersionExpiration": noncurrent},
        {"Prefix": "gone", "NoncurrentVersionExpiration": {"NoncurrentDays": 2}},
        {"Prefix": "", "Expiration": {"ExpiredObjectDeleteMarker": True}},
    )
    expire_after(1.5)
    listed = s3.list_object_versions(Bucket=name)
    assert (len(listed["Versions"]), len(listed["DeleteMarkers"])) == (5, 1)
    expire_after(3.5)
    listed = s3.list_object_versions(Bucket=name)
    assert [v["VersionId"] for v in listed["Versions"]] == newest
    assert len(listed["DeleteMarkers"]) == 1  # nothing is behind it now
    expire_after(3.5)
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket=name)


def test_the_current_version_of_an_object_expires_behind_a_marker(s3, name, expire_after):
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key="a", Body=b"x")
    put(s3, name, {"Prefix": "", "Expiration": {"Days": 1}})
    expire_after(2.5)
    listed = s3.list_object_versions(Bucket=name)
    assert keys(s3, name) == [] and len(listed["Versions"]) == len(listed["DeleteMarkers"]) == 1


def test_rules_of_one_bucket_that_cannot_be_done_keep_no_other_from_it(world, s3, name, expire_after):
    world.run(
        "from engine.models import BucketSetting as B; answer = 1;"
        "B.objects.create(bucket='0-is-gone', name='lifecycle', document=document)",
        document='{"rules": "<Rule><Status>Enabled</Status><Prefix/><Expiration><Days>1</Days></Expiration></Rule>"}',
    )
    s3.put_object(Bucket=name, Key="a", Body=b"x")
    put(s3, name, {"Prefix": "", "Expiration": {"Days": 1}})
    expire_after(2.5)
    assert keys(s3, name) == []
    world.run("from engine.models import BucketSetting as B; answer = B.objects.filter(bucket='0-is-gone').delete()[0]")
