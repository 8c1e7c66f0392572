"""Every key is an object of its own, in S3's order, whatever its characters: through the gateway, in the real store."""

import base64
import itertools
import random
import zlib

import pytest
from botocore.exceptions import ClientError

from engine.s3.listing import Position
from tests.unit.engine.s3.s3_model import expected
from tests.wire.gateway.raw import send, sign

KEYS = [
    *("o/a", "o/a-b", "o/a/b", "o/a.b", "dir", "dir/", "dir/x", "//", "/lead", "dd//x", "dd/x", "a/./b", "x/../y", "."),
    *(
        "..",
        "a\\b",
        "s" * 300 + "/t",
        "l" * 980,
        "\x01",
        "a.versions",
        "a.versions/x",
        ".uploads/x",
        ".uploads",
        "a b+c%",
    ),
    *("v\r\nw", "é/日本", "\U0010ffff", "\ufffe", "q?versionId=1", "end ", " ", 'it\'s "so";', "<&>", "-x"),
]
PARTS = ["a", "b", "/", "/", "-", ".", " ", "//", "\\", "é", "!", "x" * 250, ".versions"]


def fresh(client, name: str, versioned: bool = False) -> str:
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    if versioned:
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def listed(client, bucket: str, **more) -> list[str]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, **more)
    return [item["Key"] for page in pages for item in page.get("Contents", ())]


def readable(key: str) -> str:
    """`key` as an answer names it: XML cannot carry every character."""
    return key.replace("\x01", "\ufffd").replace("\ufffe", "\ufffd")


@pytest.fixture(scope="module")
def odd(s3) -> str:
    """A bucket with every key of KEYS; the body is the key."""
    bucket = fresh(s3, "odd-keys")
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"number": str(KEYS.index(key))})
    return bucket


def test_every_key_has_its_own_body_and_they_are_listed_in_order(s3, odd):
    for key in KEYS:
        got = s3.get_object(Bucket=odd, Key=key)
        assert (got["Body"].read().decode(), got["Metadata"]["number"]) == (key, str(KEYS.index(key)))
    in_order = sorted(KEYS, key=str.encode)
    assert listed(s3, odd) == in_order
    for size in (1, 7):
        assert listed(s3, odd, PaginationConfig={"PageSize": size}) == in_order
    first = [item["Key"] for item in s3.list_objects(Bucket=odd)["Contents"]]
    assert first == in_order


def test_keys_are_copied_tagged_and_uploaded_in_parts(s3, odd):
    bucket = fresh(s3, "odd-copies")
    for key in KEYS:
        s3.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": odd, "Key": key})
        s3.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
        assert s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"] == [{"Key": "k", "Value": "v"}]
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key)
        assert upload["Key"] == readable(key)
        part = s3.upload_part_copy(
            Bucket=bucket, Key=key, PartNumber=1, UploadId=upload["UploadId"], CopySource={"Bucket": odd, "Key": key}
        )["CopyPartResult"]
        parts = s3.list_parts(Bucket=bucket, Key=key, UploadId=upload["UploadId"])
        assert (parts["Key"], len(parts["Parts"])) == (readable(key), 1)
        done = s3.complete_multipart_upload(
            Bucket=bucket,
            Key=key,
            UploadId=upload["UploadId"],
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
        )
        assert done["Key"] == readable(key)
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() == key
    assert listed(s3, bucket) == sorted(KEYS, key=str.encode)
    sent = [key for key in KEYS if key == readable(key)]
    gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in sent]})["Deleted"]
    assert sorted(item["Key"] for item in gone) == sorted(sent)
    for key in set(KEYS) - set(sent):
        s3.delete_object(Bucket=bucket, Key=key)
    assert listed(s3, bucket) == []
    s3.delete_bucket(Bucket=bucket)


def test_folders_end_with_their_last_key(s3):
    bucket = fresh(s3, "folders-that-end")
    keys = [f"{outer}/{inner}/x" for outer in "abc" for inner in range(4)]
    for key in [*keys, "a/stays", "z"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys[1:]]})
    assert prefixes(s3, bucket) == ["a/"]
    assert prefixes(s3, bucket, "a/") == ["a/0/"]
    s3.delete_object(Bucket=bucket, Key=keys[0])
    assert prefixes(s3, bucket, "a/") == []
    s3.delete_object(Bucket=bucket, Key="a/stays")
    assert prefixes(s3, bucket) == []


def prefixes(s3, bucket: str, prefix: str = "") -> list[str]:
    page = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, Delimiter="/")
    return [item["Prefix"] for item in page.get("CommonPrefixes", ())]


def test_a_missing_key_is_named_as_the_caller_named_it(s3, odd):
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=odd, Key="no/such key!/..")
    assert caught.value.response["Error"]["Code"] == "NoSuchKey"
    assert caught.value.response["Error"]["Key"] == "no/such key!/.."


@pytest.mark.parametrize(
    ("key", "code"), [("k" * 1025, "KeyTooLongError"), ("a%00b", "InvalidURI"), ("%FF", "InvalidURI")], ids=len
)
def test_what_cannot_be_a_key_is_refused(world, odd, key, code):
    path = f"/{odd}/{key}"
    answer = send(world, "GET", path, sign(world, "GET", path))
    assert (answer.status, f"<Code>{code}</Code>" in answer.text) == (400, True), answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content-md5", base64.b64encode(b"0" * 16).decode()),
        ("x-amz-checksum-crc32", base64.b64encode(zlib.crc32(b"other").to_bytes(4)).decode()),
        ("x-amz-checksum-crc32c", "AAAAAA=="),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
        ("x-amz-checksum-sha256", base64.b64encode(b"0" * 32).decode()),
    ],
    ids=lambda value: value[:24],
)
def test_a_damaged_list_of_deletions_deletes_nothing(world, s3, odd, name, value):
    body = b"<Delete><Object><Key>dir</Key></Object></Delete>"
    path = f"/{odd}?delete"
    answer = send(world, "POST", path, sign(world, "POST", path, body, {name: value}), body)
    assert (answer.status, "<Code>BadDigest</Code>" in answer.text) == (400, True), answer.text
    assert s3.head_object(Bucket=odd, Key="dir")


def test_versions_and_uploads_are_listed_by_key(s3):
    bucket = fresh(s3, "odd-versions", versioned=True)
    keys = ["v/a", "v/a-b", "v/a.b", "v/a/b", "v//x", "v/a.versions", "v/a.versions/x", "w" * 300, "a b", "dir/"]
    for key, _ in itertools.product(keys, range(2)):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    s3.delete_object(Bucket=bucket, Key="v/a")
    expected_keys = sorted([*keys, *keys, "v/a"])
    for size in (1, 3, 1000):
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": size})
        entries = [item for page in pages for item in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]]
        assert sorted(item["Key"] for item in entries) == expected_keys
        assert len({(item["Key"], item["VersionId"]) for item in entries}) == len(expected_keys)
        assert sorted(item["Key"] for item in entries if item["IsLatest"]) == sorted(keys)
    page = s3.list_object_versions(Bucket=bucket, Prefix="v/", Delimiter="/")
    assert [item["Prefix"] for item in page["CommonPrefixes"]] == ["v//", "v/a.versions/", "v/a/"]
    uploads = [s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"] for key in [*keys, "v/a"]]
    for size in (1, 3, 1000):
        pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": size})
        entries = [item for page in pages for item in page.get("Uploads", ())]
        assert [item["Key"] for item in entries] == sorted([*keys, "v/a"])
        assert {item["UploadId"] for item in entries} == set(uploads)
    for item in entries:
        s3.abort_multipart_upload(Bucket=bucket, Key=item["Key"], UploadId=item["UploadId"])
    page = s3.list_object_versions(Bucket=bucket)
    for item in [*page["Versions"], *page["DeleteMarkers"]]:
        s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
    assert "Versions" not in s3.list_object_versions(Bucket=bucket)
    s3.delete_bucket(Bucket=bucket)


@pytest.mark.parametrize("seed", range(4))
def test_any_question_is_answered_as_by_s3(s3, seed):
    chance = random.Random(seed)  # noqa: S311 (no secret)
    bucket = fresh(s3, f"random-keys-{seed}", versioned=seed % 2 == 1)
    keys = {"".join(chance.choices(PARTS, k=chance.randint(1, 5))) for _ in range(40)}
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for key in chance.sample(sorted(keys), 8):
        s3.delete_object(Bucket=bucket, Key=key)
        keys.remove(key)
    for _ in range(25):
        prefix = chance.choice(["", "".join(chance.choices(PARTS, k=2)), chance.choice(sorted(keys))[:4]])
        delimiter = chance.choice(["", "/", "/", "//", "a", "-", "."])
        after = chance.choice(["", "".join(chance.choices(PARTS, k=2)), chance.choice(sorted(keys))])
        limit = chance.choice([1, 2, 3, 7, 1000])
        whole = expected([(key, "") for key in keys], prefix, delimiter, Position(after))
        parameters = {"Bucket": bucket, "Prefix": prefix, "Delimiter": delimiter}
        answer = s3.list_objects_v2(**parameters, StartAfter=after, MaxKeys=limit)
        entries = texts(answer)
        while answer["IsTruncated"]:
            assert answer["KeyCount"] == limit
            answer = s3.list_objects_v2(**parameters, MaxKeys=limit, ContinuationToken=answer["NextContinuationToken"])
            entries += texts(answer)
        assert entries == [text for text, _ in whole], (prefix, delimiter, after, limit)
        marker, entries = after, []
        while True:
            is_group = bool(delimiter) and marker != after
            answer = s3.list_objects(**parameters, Marker=marker, MaxKeys=limit)
            entries += texts(answer)
            if not answer["IsTruncated"]:
                break
            marker = answer["NextMarker"] if delimiter else answer["Contents"][-1]["Key"]
            assert is_group or marker
        if not (delimiter and after.endswith(delimiter)):  # there the marker is a common prefix, which V2 has not
            assert entries == [text for text, _ in whole], (prefix, delimiter, after, limit)


def texts(answer: dict) -> list[str]:
    prefixes = [item["Prefix"] for item in answer.get("CommonPrefixes", ())]
    return sorted([*prefixes, *(item["Key"] for item in answer.get("Contents", ()))], key=str.encode)
