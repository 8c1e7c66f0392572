"""No request changes a bucket, an object or a listing unless its operation does: each method with each name."""

import pytest

from engine.s3.operations import by_name
from tests.wire.gateway.raw import send, sign

EMPTY, FULL, ABSENT, KEY = "rows-empty", "rows-full", "rows-absent", "dir/key"
NAMES = sorted(
    {name for operation in by_name().values() for name in operation.subresources}
    | {
        "uploadId",
        "partNumber",
        "list-type",
        "surprise",
        "ACL",
        "acl&delete",
        "website&surprise",
        "tagging&acl",
    }
    | {
        "logging=1",
        "renameObject=a",
        "select&select-type=2",
        "lifecycle&policy",
        "tagging&acl",
        "",
        "x-amz-copy-source=rows-full",
    }
)
# What these do is theirs; everything else leaves things as they are.
BARE = {("PUT", f"/{ABSENT}"), ("PUT", f"/{FULL}/{KEY}"), ("DELETE", f"/{EMPTY}"), ("DELETE", f"/{EMPTY}/"),
        ("DELETE", f"/{FULL}/{KEY}"), ("PUT", f"/{FULL}/other")}  # fmt: skip


@pytest.fixture(scope="module")
def rows(s3):
    for name in (EMPTY, FULL):
        s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=FULL, Key=KEY, Body=b"as it was", Metadata={"was": "so"})
    yield
    s3.delete_object(Bucket=FULL, Key=KEY)
    for name in (EMPTY, FULL):
        s3.delete_bucket(Bucket=name)


def snapshot(s3) -> tuple:
    buckets = [b["Name"] for b in s3.list_buckets()["Buckets"] if b["Name"].startswith("rows-")]
    listed = [(o["Key"], o["ETag"], o["LastModified"]) for o in s3.list_objects_v2(Bucket=FULL).get("Contents", [])]
    head = s3.head_object(Bucket=FULL, Key=KEY)
    return buckets, listed, head["Metadata"], head["ContentLength"], s3.get_bucket_versioning(Bucket=FULL).get("Status")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"])
def test_no_name_in_the_query_makes_another_operation(world, s3, rows, method):
    before = snapshot(s3)
    for path in (f"/{EMPTY}", f"/{EMPTY}/", f"/{FULL}", f"/{ABSENT}", f"/{FULL}/{KEY}", f"/{FULL}/other"):
        statuses = {}
        for name in NAMES:
            if name or (method, path) not in BARE:
                address = f"{path}?{name}"
                statuses[name] = send(world, method, address, sign(world, method, address)).status
        assert snapshot(s3) == before, f"{method} {path}: one of {statuses}"
        failed = [name for name, status in statuses.items() if status >= 500 and status != 501]
        assert not failed, f"{method} {path}"


REFUSALS = [
    ("DELETE", f"/{EMPTY}?surprise", 501, "NotImplemented"),
    ("DELETE", f"/{EMPTY}?website", 204, ""),
    ("DELETE", f"/{ABSENT}?website", 404, "NoSuchBucket"),
    ("DELETE", f"/{FULL}/{KEY}?acl", 501, "NotImplemented"),
    ("PUT", f"/{ABSENT}?logging", 501, "NotImplemented"),
    ("PUT", f"/{FULL}/{KEY}?torrent", 501, "NotImplemented"),
    ("PUT", f"/{FULL}/{KEY}?uploadId=u", 400, "InvalidRequest"),
    ("PUT", f"/{FULL}?policy", 400, "MalformedPolicy"),
    ("GET", f"/{FULL}?policy", 404, "NoSuchBucketPolicy"),
    ("GET", f"/{FULL}/{KEY}?torrent", 501, "NotImplemented"),
    ("GET", f"/{FULL}/{KEY}?surprise=1", 200, ""),
    ("POST", f"/{FULL}/{KEY}?restore", 501, "NotImplemented"),
    ("POST", "/", 405, "MethodNotAllowed"),
    ("GET", "/.system", 400, "InvalidBucketName"),
    ("GET", "/%2e%2e/etc", 400, "InvalidBucketName"),
    ("GET", "/rows-full%2Fdir", 400, "InvalidBucketName"),
]


@pytest.mark.parametrize(("method", "address", "status", "code"), REFUSALS, ids=[f"{r[0]} {r[1]}" for r in REFUSALS])
def test_what_is_not_offered_is_named(world, rows, method, address, status, code):
    answer = send(world, method, address, sign(world, method, address))
    assert (answer.status, f"<Code>{code}</Code>" in answer.text or not code) == (status, True), answer.text


def test_a_target_of_another_service_does_not_reach_the_store(world, rows):
    headers = sign(world, "GET", f"/{FULL}", headers={"x-amz-target": "S3Tables.ListTables"})
    answer = send(world, "GET", f"/{FULL}", headers)
    assert (answer.status, "<Key>dir/key</Key>" in answer.text) == (200, True)


def test_a_request_without_a_key_is_forbidden(world, rows):
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert send(world, method, f"/{FULL}/{KEY}").status == 403


def test_only_an_administrator_overrides_a_retention(world, rows):
    headers = {"x-amz-bypass-governance-retention": "true"}
    address = f"/{FULL}/absent"
    refused = send(world, "DELETE", address, sign(world, "DELETE", address, headers=headers))
    assert (refused.status, "<Code>AccessDenied</Code>" in refused.text) == (403, True)
    allowed = send(world, "DELETE", address, sign(world, "DELETE", address, headers=headers, role="administrator"))
    assert allowed.status == 204
