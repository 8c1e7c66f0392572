"""Checksums of objects, of uploads in parts and of their parts, as clients ask for them, and metadata byte for byte."""

import pytest
from botocore.exceptions import ClientError

from tests.wire.gateway.raw import send, sign

MIB = 2**20
BODIES = (b"A" * (5 * MIB), b"B" * (5 * MIB), b"C" * 100)
REQUESTS = {"ObjectAttributes": ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]}
NAME = "checksums"


@pytest.fixture(scope="module", autouse=True)
def checked(s3):
    s3.create_bucket(Bucket=NAME)
    yield NAME
    for each in s3.list_objects_v2(Bucket=NAME).get("Contents", []):
        s3.delete_object(Bucket=NAME, Key=each["Key"])
    s3.delete_bucket(Bucket=NAME)


def upload(s3, key: str, algorithm: str, kind: str, named: bool = True) -> tuple[dict, list[str]]:
    """An upload of BODIES: the answer to its end, and the checksums of the parts."""
    at = {"Bucket": NAME, "Key": key}
    begun = s3.create_multipart_upload(**at, ChecksumAlgorithm=algorithm, ChecksumType=kind)
    assert (begun["ChecksumAlgorithm"], begun["ChecksumType"]) == (algorithm, kind)
    at["UploadId"] = begun["UploadId"]
    parts, field = [], f"Checksum{algorithm}"
    for number, body in enumerate(BODIES, 1):
        sent = s3.upload_part(**at, PartNumber=number, Body=body, ChecksumAlgorithm=algorithm)
        parts.append({"PartNumber": number, "ETag": sent["ETag"], field: sent[field]})
    checksums = [part[field] for part in parts]
    listed = parts if named else [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
    return s3.complete_multipart_upload(**at, MultipartUpload={"Parts": listed}), checksums


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [("CRC32", "FULL_OBJECT"), ("CRC32", "COMPOSITE"), ("SHA1", "COMPOSITE"), ("SHA256", "COMPOSITE")],
)
def test_a_part_is_read_with_its_own_checksum(s3, algorithm, kind):
    key, field = f"parts-{algorithm}-{kind}", f"Checksum{algorithm}"
    done, checksums = upload(s3, key, algorithm, kind)
    at = {"Bucket": NAME, "Key": key}
    assert done["ChecksumType"] == kind
    assert done[field].endswith("-3") == (kind == "COMPOSITE")
    assert field not in s3.head_object(**at)
    whole = s3.head_object(**at, ChecksumMode="ENABLED")
    assert (whole[field], whole["ChecksumType"]) == (done[field], kind)
    for number, (body, checksum) in enumerate(zip(BODIES, checksums, strict=True), 1):
        part = s3.get_object(**at, PartNumber=number, ChecksumMode="ENABLED")
        assert (part[field], part["ChecksumType"], part["PartsCount"]) == (checksum, kind, 3)
        assert part["Body"].read() == body  # botocore compares it with the checksum
        assert s3.head_object(**at, PartNumber=number, ChecksumMode="ENABLED")[field] == checksum
        assert field not in s3.head_object(**at, PartNumber=number)
    attributes = s3.get_object_attributes(**at, **REQUESTS)
    assert attributes["Checksum"] == {field: done[field], "ChecksumType": kind}
    parts = attributes["ObjectParts"]
    assert parts["TotalPartsCount"] == 3
    assert [(p["PartNumber"], p["Size"], p[field]) for p in parts["Parts"]] == [
        (number, len(body), checksum) for number, (body, checksum) in enumerate(zip(BODIES, checksums, strict=True), 1)
    ]
    assert "Checksum" not in s3.get_object_attributes(**at, ObjectAttributes=["ObjectSize"])
    s3.copy_object(Bucket=NAME, Key=f"{key}-copy", CopySource=f"{NAME}/{key}")
    assert s3.head_object(Bucket=NAME, Key=f"{key}-copy", PartNumber=2, ChecksumMode="ENABLED")[field] == checksums[1]


def test_an_upload_that_names_no_checksums_at_its_end_has_the_whole_objects(s3):
    done, _ = upload(s3, "unnamed", "CRC32", "FULL_OBJECT", named=False)
    attributes = s3.get_object_attributes(Bucket=NAME, Key="unnamed", **REQUESTS)
    assert attributes["Checksum"] == {"ChecksumCRC32": done["ChecksumCRC32"], "ChecksumType": "FULL_OBJECT"}
    assert s3.get_object(Bucket=NAME, Key="unnamed", PartNumber=3, ChecksumMode="ENABLED")["Body"].read() == BODIES[2]


def test_a_wrong_checksum_at_the_end_stores_nothing(s3):
    at = {"Bucket": NAME, "Key": "wrong"}
    at["UploadId"] = s3.create_multipart_upload(**at, ChecksumAlgorithm="SHA256")["UploadId"]
    sent = s3.upload_part(**at, PartNumber=1, Body=b"x", ChecksumAlgorithm="SHA256")
    part = {"PartNumber": 1, "ETag": sent["ETag"], "ChecksumSHA256": sent["ChecksumSHA256"]}
    with pytest.raises(ClientError, match="BadDigest"):
        s3.complete_multipart_upload(**at, ChecksumSHA256="bad", MultipartUpload={"Parts": [part]})
    assert "Contents" not in s3.list_objects_v2(Bucket=NAME, Prefix="wrong")
    s3.abort_multipart_upload(**at)


def test_the_attributes_of_an_object_in_one_piece_have_its_checksum(s3):
    put = s3.put_object(Bucket=NAME, Key="one", Body=b"abc", ChecksumAlgorithm="SHA256")
    attributes = s3.get_object_attributes(Bucket=NAME, Key="one", **REQUESTS)
    assert attributes["Checksum"] == {"ChecksumSHA256": put["ChecksumSHA256"], "ChecksumType": "FULL_OBJECT"}
    assert put["ChecksumType"] == "FULL_OBJECT"
    assert (attributes["ObjectSize"], "ObjectParts" in attributes) == (3, False)
    ranged = s3.get_object(Bucket=NAME, Key="one", Range="bytes=0-1", ChecksumMode="ENABLED")
    assert (ranged["Body"].read(), "ChecksumSHA256" in ranged) == (b"ab", False)


def test_checksums_of_parts_are_gone_with_their_bucket(world, s3):
    count = (
        "from engine.models import PartChecksums; answer = PartChecksums.objects.filter(bucket='short-lived').count()"
    )
    at = {"Bucket": "short-lived", "Key": "k"}
    s3.create_bucket(Bucket="short-lived")
    at["UploadId"] = s3.create_multipart_upload(**at, ChecksumAlgorithm="SHA1")["UploadId"]
    sent = s3.upload_part(**at, PartNumber=1, Body=b"x", ChecksumAlgorithm="SHA1")
    part = {"PartNumber": 1, "ETag": sent["ETag"], "ChecksumSHA1": sent["ChecksumSHA1"]}
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [part]})
    assert world.run(count) == 1
    s3.delete_object(Bucket="short-lived", Key="k")
    s3.delete_bucket(Bucket="short-lived")
    assert world.run(count) == 0


def test_metadata_without_a_value_or_beyond_ascii_comes_back(world, s3):
    s3.put_object(Bucket=NAME, Key="meta", Body=b"", Metadata={"empty": "", "full": "x"})
    assert s3.head_object(Bucket=NAME, Key="meta")["Metadata"] == {"empty": "", "full": "x"}
    s3.copy_object(Bucket=NAME, Key="meta-copy", CopySource=f"{NAME}/meta", ServerSideEncryption="aws:kms")
    assert s3.head_object(Bucket=NAME, Key="meta-copy")["Metadata"] == {"empty": "", "full": "x"}
    address = f"/{NAME}/bytes"
    for value in ("ü", "=?sagewright?x"):
        headers = sign(world, "PUT", address, b"x", headers={"x-amz-meta-v": value})
        assert send(world, "PUT", address, headers | {"x-amz-meta-v": value.encode()}, b"x").status == 200
        remaining = send(world, "GET", address, sign(world, "GET", address)).headers["x-amz-meta-v"]
        assert remaining.encode("latin-1") == value.encode()


def test_what_a_store_does_not_do_is_not_taken_for_something_else(world, s3):
    s3.put_object(Bucket=NAME, Key="kept", Body=b"0123456789")
    address = f"/{NAME}/kept"
    for method, header in (("PUT", "x-amz-write-offset-bytes"), ("DELETE", "x-amz-if-match-size")):
        answer = send(world, method, address, sign(world, method, address, b"", headers={header: "9"}))
        assert (answer.status, "<Code>NotImplemented</Code>" in answer.text) == (501, True)
    assert s3.get_object(Bucket=NAME, Key="kept")["Body"].read() == b"0123456789"
    with pytest.raises(ClientError, match="MetadataTooLarge"):
        s3.put_object(Bucket=NAME, Key="kept", Body=b"", Metadata={"a": "x" * 2048})


def test_an_upload_without_parts_or_out_of_order_stores_nothing(s3):
    at = {"Bucket": NAME, "Key": "ordered"}
    at["UploadId"] = s3.create_multipart_upload(**at)["UploadId"]
    sent = [s3.upload_part(**at, PartNumber=number, Body=b"x")["ETag"] for number in (1, 2)]
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(sent, 1)]
    for listed, code in ((parts[::-1], "InvalidPartOrder"), ([], "MalformedXML")):
        with pytest.raises(ClientError, match=code):
            s3.complete_multipart_upload(**at, MultipartUpload={"Parts": listed})
    assert "Contents" not in s3.list_objects_v2(Bucket=NAME, Prefix="ordered")
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts[:1]})


def test_a_version_where_there_are_none_deletes_nothing(world, s3):
    s3.put_object(Bucket=NAME, Key="one-version", Body=b"x")
    at = {"Bucket": NAME, "Key": "one-version"}
    for call in (s3.delete_object, s3.get_object, s3.get_object_tagging):
        with pytest.raises(ClientError, match="Invalid version id"):
            call(**at, VersionId="nonsense")
    address = f"/{NAME}/one-version?versionId="
    assert send(world, "DELETE", address, sign(world, "DELETE", address)).status == 400
    for condition, code in (({"VersionId": "nonsense"}, "NoSuchVersion"), ({"Size": 99}, "NotImplemented")):
        objects = [{"Key": "one-version", **condition}, {"Key": "absent"}]
        answer = s3.delete_objects(Bucket=NAME, Delete={"Objects": objects})
        assert [(error["Key"], error["Code"]) for error in answer["Errors"]] == [("one-version", code)]
        assert [deleted["Key"] for deleted in answer["Deleted"]] == ["absent"]
    assert s3.get_object(**at, VersionId="null")["Body"].read() == b"x"
    assert s3.delete_object(**at, VersionId="null")
