"""S3 through the gateway with boto3: everything a client does with buckets and objects."""

import gzip
import http.client
import os
import threading
import time

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from tests.unit.engine.auth.signing import signed
from tests.waiting import STEP
from tests.wire.gateway.raw import send, sign

ODD = ["a b", "a+b", "100%", "wh?t=1&x", "ü/€/日本", "a//b", "q(1)!'*~", "#frag", "sp ace/+%2B", ";=,:@$", '"<>^`{|}']


def code_of(caught) -> str:
    return caught.value.response["Error"]["Code"]


@pytest.mark.parametrize("key", ODD)
def test_odd_keys_come_back_byte_for_byte(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=f"odd/{key}", Body=key.encode(), Metadata={"was": "odd"})
    got = s3.get_object(Bucket=bucket, Key=f"odd/{key}")
    assert got["Body"].read() == key.encode()
    assert got["Metadata"] == {"was": "odd"}
    listed = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix=f"odd/{key}")["Contents"]]
    assert f"odd/{key}" in listed
    s3.copy_object(Bucket=bucket, Key=f"copy/{key}", CopySource={"Bucket": bucket, "Key": f"odd/{key}"})
    assert s3.get_object(Bucket=bucket, Key=f"copy/{key}")["Body"].read() == key.encode()
    s3.delete_object(Bucket=bucket, Key=f"odd/{key}")
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key=f"odd/{key}")
    assert code_of(caught) == "NoSuchKey"


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "ap-northeast-2"])
def test_a_bucket_can_be_made_in_any_region(world, region):
    client = world.client(region=region)
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client.create_bucket(Bucket=f"in-{region}", **where)
    assert f"in-{region}" in [b["Name"] for b in client.list_buckets()["Buckets"]]
    assert client.head_bucket(Bucket=f"in-{region}")["BucketRegion"]
    client.delete_bucket(Bucket=f"in-{region}")
    client.close()


def test_a_bucket_with_objects_is_not_deleted(s3, bucket):
    s3.put_object(Bucket=bucket, Key="stays", Body=b"x")
    with pytest.raises(ClientError) as caught:
        s3.delete_bucket(Bucket=bucket)
    assert code_of(caught) == "BucketNotEmpty"


def test_ranges_and_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="range", Body=b"0123456789")["ETag"]
    part = s3.get_object(Bucket=bucket, Key="range", Range="bytes=2-4")
    assert (part["Body"].read(), part["ContentRange"]) == (b"234", "bytes 2-4/10")
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="range", IfNoneMatch=etag)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 304
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="range", Body=b"again", IfNoneMatch="*")
    assert code_of(caught) == "PreconditionFailed"


def test_tags_versions_and_checksums(s3):
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="kept", Key="k", Body=b"one", Tagging="a=b")["VersionId"]
    second = s3.put_object(Bucket="kept", Key="k", Body=b"two", ChecksumAlgorithm="SHA256")
    assert second["ChecksumSHA256"]
    assert s3.get_object(Bucket="kept", Key="k", VersionId=first)["Body"].read() == b"one"
    tags = s3.get_object_tagging(Bucket="kept", Key="k", VersionId=first)["TagSet"]
    assert tags == [{"Key": "a", "Value": "b"}]
    assert len(s3.list_object_versions(Bucket="kept")["Versions"]) == 2
    s3.put_object_tagging(Bucket="kept", Key="k", Tagging={"TagSet": [{"Key": "c", "Value": "d e"}]})
    assert s3.get_object_tagging(Bucket="kept", Key="k")["TagSet"][0]["Value"] == "d e"


def test_delete_many_and_list_by_folder(s3, bucket):
    for n in range(5):
        s3.put_object(Bucket=bucket, Key=f"many/{n}/x", Body=b"")
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="many/", Delimiter="/", MaxKeys=2)
    assert [p["Prefix"] for p in listed["CommonPrefixes"]] == ["many/0/", "many/1/"]
    more = s3.list_objects_v2(
        Bucket=bucket, Prefix="many/", Delimiter="/", ContinuationToken=listed["NextContinuationToken"]
    )
    assert [p["Prefix"] for p in more["CommonPrefixes"]] == ["many/2/", "many/3/", "many/4/"]
    gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"many/{n}/x"} for n in range(5)]})
    assert len(gone["Deleted"]) == 5


def test_metadata_may_be_utf8_and_other_headers_anything(world, bucket):
    address = f"/{bucket}/named"
    put = sign(world, "PUT", address, b"x", {"x-amz-meta-a": "\u00fcber"}) | {"user-agent": b"\xfc"}
    answer = send(world, "PUT", address, put | {"x-amz-meta-a": "\u00fcber".encode()}, b"x")
    assert (answer.status, answer.text) == (200, "")
    got = send(world, "GET", address, sign(world, "GET", address))
    assert got.headers["x-amz-meta-a"].encode("latin-1").decode() == "\u00fcber"


def test_content_encoding_of_the_object_itself_is_kept(s3, bucket):
    body = gzip.compress(b"text" * 100)
    s3.put_object(Bucket=bucket, Key="z", Body=body, ContentEncoding="gzip", ContentType="text/csv")
    got = s3.get_object(Bucket=bucket, Key="z")
    assert (got["ContentEncoding"], got["ContentType"], got["Body"].read()) == ("gzip", "text/csv", body)


def test_multipart_of_fifteen_parts(world, s3, bucket, tmp_path):
    file = tmp_path / "big"
    file.write_bytes(os.urandom(1024 * 1024) * 75)
    s3.upload_file(str(file), bucket, "multi", Config=TransferConfig(multipart_chunksize=5 * 1024 * 1024))
    head = s3.head_object(Bucket=bucket, Key="multi")
    assert head["ContentLength"] == file.stat().st_size
    assert head["ETag"].endswith('-15"')
    s3.download_file(bucket, "multi", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == file.read_bytes()


def test_the_answer_of_complete_multipart_names_us_not_the_store(world, s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="mp")["UploadId"]
    etag = s3.upload_part(Bucket=bucket, Key="mp", UploadId=upload, PartNumber=1, Body=b"x" * 10)["ETag"]
    done = s3.complete_multipart_upload(
        Bucket=bucket, Key="mp", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}
    )
    assert done["Location"] == f"{world.url}/{bucket}/mp"


def test_an_aborted_multipart_leaves_nothing(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="never")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="never", UploadId=upload, PartNumber=1, Body=b"x" * 10)
    s3.abort_multipart_upload(Bucket=bucket, Key="never", UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket, Prefix="never")


def test_the_virtual_host_style_finds_the_same_object(world, s3, bucket):
    s3.put_object(Bucket=bucket, Key="virtual", Body=b"hosted")
    port = world.url.rpartition(":")[2]
    key, secret = world.keys["viewer"]
    host = f"{bucket}.localhost:{port}"
    method, path, _, headers = signed(secret, "s3", "GET", "/virtual", id=key, host=host)
    connection = http.client.HTTPConnection("127.0.0.1", int(port))
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"hosted")
    connection.close()


def test_what_is_the_stores_own_business_is_not_told(world, s3, bucket):
    s3.put_object(Bucket=bucket, Key="plain", Body=b"x")
    headers = s3.get_object(Bucket=bucket, Key="plain")["ResponseMetadata"]["HTTPHeaders"]
    assert not [name for name in headers if "seaweed" in name]
    assert "server" not in headers


def test_an_upload_to_no_bucket_is_refused_before_it_is_sent(s3):
    began = time.monotonic()
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket="no-such-bucket", Key="k", Body=b"x" * 64 * 1024 * 1024)
    assert code_of(caught) == "NoSuchBucket"
    assert time.monotonic() - began < STEP
    assert s3.list_buckets()["Buckets"]


def test_a_96_mb_object_streams_through_in_constant_memory(world, s3, bucket, tmp_path):
    file = tmp_path / "96mb"
    file.write_bytes(os.urandom(1024 * 1024) * 96)
    before = world.rss()
    with file.open("rb") as body:
        s3.put_object(Bucket=bucket, Key="large", Body=body)
    observed = 0
    for chunk in s3.get_object(Bucket=bucket, Key="large")["Body"].iter_chunks(1024 * 1024):
        observed += len(chunk)
    assert observed == file.stat().st_size
    assert world.peak() - before < 40 * 1024 * 1024
    s3.delete_object(Bucket=bucket, Key="large")


def test_a_slow_reader_does_not_fill_the_gateway(world, s3, bucket):
    s3.put_object(Bucket=bucket, Key="slow", Body=b"x" * 64 * 1024 * 1024)
    before = world.rss()
    bodies = [s3.get_object(Bucket=bucket, Key="slow")["Body"] for _ in range(4)]
    time.sleep(1.5)
    assert world.rss() - before < 30 * 1024 * 1024
    for body in bodies:
        body.close()


def test_many_clients_at_once(world, bucket):
    failures = []

    def work(n):
        client = world.client()
        try:
            for i in range(10):
                client.put_object(Bucket=bucket, Key=f"at-once/{n}/{i}", Body=b"%d" % n * 1000)
                assert client.get_object(Bucket=bucket, Key=f"at-once/{n}/{i}")["Body"].read() == b"%d" % n * 1000
        except Exception as e:
            failures.append(e)
        finally:
            client.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_conditions_digests_and_owners_answer_as_on_aws(world, s3, bucket):
    def code(call, **named) -> str:
        with pytest.raises(ClientError) as caught:
            call(Bucket=bucket, **named)
        return code_of(caught)

    assert code(s3.put_object, Key="if-match-nothing", Body=b"x", IfMatch='"0"') == "NoSuchKey"
    s3.put_object(Bucket=bucket, Key="if-match", Body=b"x")
    assert code(s3.put_object, Key="if-match", Body=b"x", IfMatch='"0"') == "PreconditionFailed"
    assert code(s3.put_object, Key="k", Body=b"x", ContentMD5="short") == "InvalidDigest"
    assert code(s3.list_objects_v2, ExpectedBucketOwner="999999999999") == "AccessDenied"
    assert s3.list_objects_v2(Bucket=bucket, ExpectedBucketOwner="123456789012")["Contents"]
    s3.put_object(Bucket=bucket, Key="encoded", Body=b"x", ContentEncoding="deflate, gzip")
    assert s3.head_object(Bucket=bucket, Key="encoded")["ContentEncoding"] == "deflate, gzip"
