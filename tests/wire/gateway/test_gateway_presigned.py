"""Presigned addresses and forms as boto3 makes them by default (Signature Version 2), and with Version 4."""

import re
import time
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from botocore.config import Config

from tests.wire.gateway.raw import send

DEFAULT, V4 = Config(), Config(signature_version="s3v4")
FIRST = "us-east-1"  # boto3 signs with Version 4 where AWS's endpoint of the Region has no other
KEY = "dir/ü 1+%(a).csv"
BOTH = pytest.mark.parametrize("config", [DEFAULT, V4], ids=["default", "s3v4"])


def url_of(world, operation, role="editor", config=DEFAULT, expires=60, **params) -> str:
    client = world.client(role=role, config=config, region=FIRST)
    url = client.generate_presigned_url(operation, Params={"Bucket": "things", "Key": KEY, **params}, ExpiresIn=expires)
    client.close()
    return url


def post(world, config=DEFAULT, role="editor", file=b"content", key="form/${filename}", spoil=None, **named):
    client = world.client(role=role, config=config, region=FIRST)
    form = client.generate_presigned_post("things", key, ExpiresIn=60, **named)
    client.close()
    if spoil:
        spoil(form["fields"])
    return requests.post(
        form["url"], data=form["fields"], files={"file": ("a b.txt", file)}, timeout=30, allow_redirects=False
    )


@pytest.fixture
def stored(s3, bucket):
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"a,b\n")


def test_boto3_signs_with_version_2_by_default(world, bucket):
    assert "AWSAccessKeyId=" in url_of(world, "get_object")


@BOTH
@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_a_presigned_address_reads(world, stored, config, role):
    disposition = 'attachment; filename="f 1.csv"'
    url = url_of(world, "get_object", role, config, ResponseContentDisposition=disposition)
    answer = requests.get(url, timeout=30)
    assert (answer.status_code, answer.content) == (200, b"a,b\n")
    assert answer.headers["content-disposition"] == disposition
    assert requests.head(url_of(world, "head_object", role, config), timeout=30).status_code == 200


@BOTH
def test_a_presigned_address_writes_with_its_headers(world, s3, bucket, config):
    url = url_of(world, "put_object", config=config, Key="sent", ContentType="text/csv", Metadata={"from": "here"})
    headers = {} if config is DEFAULT else {"Content-Type": "text/csv", "x-amz-meta-from": "here"}
    assert requests.put(url, b"x" * 700_000, headers=headers, timeout=30).status_code == 200
    head = s3.head_object(Bucket=bucket, Key="sent")
    assert (head["ContentType"], head["Metadata"], head["ContentLength"]) == ("text/csv", {"from": "here"}, 700_000)
    assert requests.put(url_of(world, "put_object", "viewer", config), b"x", timeout=30).status_code == 403


def test_a_client_that_adds_a_content_type_of_its_own_still_reads_and_writes(world, s3, bucket, stored):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    url = url_of(world, "put_object", Key="typed", ContentType="text/csv")
    assert requests.put(url, b"x", headers=form, timeout=30).status_code == 200
    assert s3.head_object(Bucket=bucket, Key="typed")["ContentType"] == "text/csv"
    assert "SignatureDoesNotMatch" in requests.get(url_of(world, "get_object"), headers=form, timeout=30).text


def test_parts_of_an_upload_by_presigned_addresses(world, s3, bucket):
    upload = {"Bucket": bucket, "Key": "in-parts", "UploadId": ""}
    upload["UploadId"] = s3.create_multipart_upload(Bucket=bucket, Key="in-parts")["UploadId"]
    answer = requests.put(url_of(world, "upload_part", PartNumber=1, **upload), b"part", timeout=30)
    parts = {"Parts": [{"PartNumber": 1, "ETag": answer.headers["etag"]}]}
    s3.complete_multipart_upload(MultipartUpload=parts, **upload)
    assert s3.get_object(Bucket=bucket, Key="in-parts")["Body"].read() == b"part"


def test_an_old_signature_counts_for_what_it_covers_only(world, stored):
    url = url_of(world, "get_object")
    assert requests.get(url.replace("/things/", "/kept/"), timeout=30).status_code == 403
    assert requests.get(url.replace("Expires=", "Expires=1"), timeout=30).status_code == 403
    assert requests.get(f"{url}&x-id=GetObject", timeout=30).status_code == 403
    assert requests.get(f"{url}&acl", timeout=30).status_code == 403
    assert requests.get(f"{url}&versionId=null", timeout=30).status_code == 403
    assert requests.get(f"{url}&x-amz-meta-a=b", timeout=30).status_code == 403
    assert requests.get(f"{url}&Expires=9999999999", timeout=30).status_code == 400
    assert requests.put(url, b"over", timeout=30).status_code == 403
    assert requests.delete(url, timeout=30).status_code == 400
    assert requests.get(url_of(world, "get_object", expires=8 * 24 * 3600), timeout=30).status_code == 403
    an_hour_ago = time.time() - 3600
    with mock.patch("botocore.auth.time.time", lambda: an_hour_ago):
        ended = url_of(world, "get_object")
    assert "Request has expired" in requests.get(ended, timeout=30).text
    assert requests.get(url, timeout=30).content == b"a,b\n"


@pytest.mark.parametrize("operation", ["delete_object", "get_object_acl", "list_objects_v2", "delete_bucket"])
def test_an_old_signature_opens_no_other_operation(world, stored, operation):
    client = world.client(region=FIRST)
    params = {"Bucket": "things"} | ({"Key": KEY} if "object" in operation and "list" not in operation else {})
    url = client.generate_presigned_url(operation, Params=params)
    method = "DELETE" if operation.startswith("delete") else "GET"
    answer = requests.request(method, url, timeout=30)
    assert answer.status_code in (400, 403)
    assert "ListBucketResult" not in answer.text
    client.close()


def test_an_old_authorization_header_is_refused(world, stored):
    client = world.client(config=Config(signature_version="s3"), region=FIRST)
    with pytest.raises(client.exceptions.ClientError, match="AWS4-HMAC-SHA256"):
        client.list_buckets()
    client.close()


@BOTH
def test_a_form_uploads(world, s3, bucket, config):
    answer = post(world, config)
    assert (answer.status_code, answer.content) == (204, b"")
    assert s3.get_object(Bucket=bucket, Key="form/a b.txt")["Body"].read() == b"content"


@BOTH
def test_a_large_file_of_a_form_is_stored_with_its_fields(world, s3, bucket, config):
    fields = {"Content-Type": "text/csv", "x-amz-meta-from": "here", "success_action_status": "201"}
    conditions = [{name: value} for name, value in fields.items()]
    file = bytes(range(256)) * 40_000
    answer = post(world, config, file=file, key="form/large", Fields=fields, Conditions=conditions)
    assert (answer.status_code, "<Key>form/large</Key>" in answer.text) == (201, True)
    got = s3.get_object(Bucket=bucket, Key="form/large")
    assert (got["ContentType"], got["Metadata"], got["Body"].read() == file) == ("text/csv", {"from": "here"}, True)
    assert got["ETag"] in answer.headers["etag"]


def test_a_form_may_end_on_another_page(world, bucket):
    page = {"success_action_redirect": "https://page.example/done?x=1"}
    answer = post(world, key="form/k", Fields=dict(page), Conditions=[page])
    target = urlsplit(answer.headers["location"])
    assert (answer.status_code, target.netloc, parse_qs(target.query)["key"]) == (303, "page.example", ["form/k"])


def test_a_form_that_its_policy_does_not_allow_stores_nothing(world, s3, bucket):
    def denied(answer, status=403) -> str:
        assert answer.status_code == status, answer.text
        assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="never")
        return re.search("<Code>(.*)</Code>", answer.text)[1]

    assert denied(post(world, key="never", role="viewer")) == "AccessDenied"
    assert denied(post(world, key="never", spoil=lambda f: f.update(key="never-so"))) == "AccessDenied"
    assert denied(post(world, key="never", spoil=lambda f: f.update({"x-amz-meta-a": "b"}))) == "AccessDenied"
    assert denied(post(world, key="never", spoil=lambda f: f.update(signature="AAAA"))) == "SignatureDoesNotMatch"
    assert denied(post(world, V4, key="never", spoil=lambda f: f.update({"x-amz-signature": "0"}))) == (
        "SignatureDoesNotMatch"
    )
    assert denied(post(world, key="never", spoil=lambda f: f.update(AWSAccessKeyId="NOBODY"))) == "InvalidAccessKeyId"
    assert denied(post(world, key="never", spoil=lambda f: f.pop("policy")), 400) == "InvalidArgument"
    size = [["content-length-range", 10, 20]]
    assert denied(post(world, key="never", file=b"x" * 21, Conditions=size), 400) == "EntityTooLarge"
    assert denied(post(world, key="never", file=b"x" * 9, Conditions=size), 400) == "EntityTooSmall"
    nobody = requests.post(f"{world.url}/{bucket}", data={"key": "never"}, files={"file": b"x"}, timeout=30)
    assert denied(nobody) == "AccessDenied"


def test_a_bucket_of_aws_host_names_is_the_same_bucket(world, s3, bucket, stored):
    parts = urlsplit(url_of(world, "get_object"))
    address = f"{parts.path.removeprefix(f'/{bucket}')}?{parts.query}"
    for host in (f"{bucket}.s3.eu-west-3.amazonaws.com", f"{bucket}.s3.amazonaws.com"):
        answer = send(world, "GET", address, {"Host": host})
        assert (answer.status, answer.body) == (200, b"a,b\n")
