"""The operation that a request names, by its method, level, query and headers."""

import os
import subprocess
import sys

import pytest

from engine.auth.errors import RequestError
from engine.s3 import allowed, own_answers
from engine.s3.operations import Kind, Level, by_name, classify
from tests.stack import ROOT

COPY = {"x-amz-copy-source": "/bucket/key"}
PART = [("partNumber", "1"), ("uploadId", "u")]
ROWS = [
    ("GET", Level.SERVICE, [], {}, "ListBuckets"),
    ("GET", Level.BUCKET, [("prefix", "a")], {}, "ListObjects"),
    ("GET", Level.BUCKET, [("list-type", "2"), ("prefix", "a")], {}, "ListObjectsV2"),
    ("GET", Level.BUCKET, [("lifecycle", "")], {}, "GetBucketLifecycleConfiguration"),
    ("GET", Level.BUCKET, [("analytics", ""), ("id", "1")], {}, "GetBucketAnalyticsConfiguration"),
    ("POST", Level.BUCKET, [("delete", "")], {}, "DeleteObjects"),
    ("PUT", Level.OBJECT, [], {}, "PutObject"),
    ("PUT", Level.OBJECT, [("x-id", "PutObject")], {}, "PutObject"),
    ("PUT", Level.OBJECT, [], COPY, "CopyObject"),
    ("PUT", Level.OBJECT, PART, {}, "UploadPart"),
    ("PUT", Level.OBJECT, PART, COPY, "UploadPartCopy"),
    ("POST", Level.OBJECT, [("uploadId", "u")], {}, "CompleteMultipartUpload"),
    ("GET", Level.OBJECT, [("uploadId", "u"), ("max-parts", "2")], {}, "ListParts"),
    ("GET", Level.OBJECT, [("partNumber", "3")], {}, "GetObject"),
    ("GET", Level.OBJECT, [("acl", "1"), ("versionId", "2")], {}, "GetObjectAcl"),
]
REFUSED = [
    ("DELETE", Level.OBJECT, [("acl", "")], {}, "NotImplemented"),
    ("PUT", Level.OBJECT, [("acl", ""), ("delete", "")], {}, "NotImplemented"),
    ("PUT", Level.OBJECT, [("x-amz-copy-source", "/bucket/key")], {}, "NotImplemented"),
    ("HEAD", Level.BUCKET, [("website", "")], {}, "NotImplemented"),
    ("GET", Level.BUCKET, [("surprise", "")], {}, "NotImplemented"),
    ("GET", Level.OBJECT, [("renameObject", "")], {}, "NotImplemented"),
    ("PUT", Level.OBJECT, [("uploadId", "u")], {}, "InvalidRequest"),
    ("PUT", Level.OBJECT, [("partNumber", "1")], {}, "InvalidRequest"),
    ("GET", Level.OBJECT, [("partNumber", "1")], {"range": "bytes=0-1"}, "InvalidRequest"),
    ("PUT", Level.OBJECT, [("partNumber", "x"), ("uploadId", "u")], {}, "InvalidArgument"),
    ("PUT", Level.OBJECT, [("partNumber", "10001"), ("uploadId", "u")], {}, "InvalidArgument"),
    ("PUT", Level.OBJECT, [("partNumber", "\xb2"), ("uploadId", "u")], {}, "InvalidArgument"),
    ("DELETE", Level.OBJECT, [("uploadId", "")], {}, "NoSuchUpload"),
    ("PUT", Level.OBJECT, [], {"x-amz-copy-source": "bucket"}, "InvalidArgument"),
    ("PUT", Level.OBJECT, [], {"x-amz-copy-source": "/%2Esystem/key"}, "InvalidArgument"),
    ("PUT", Level.OBJECT, PART, {**COPY, "x-amz-copy-source-range": "0-2"}, "InvalidArgument"),
    ("POST", Level.BUCKET, [], {}, "PreconditionFailed"),
    ("POST", Level.OBJECT, [], {}, "MethodNotAllowed"),
    ("PATCH", Level.OBJECT, [], {}, "MethodNotAllowed"),
    ("DELETE", Level.SERVICE, [], {}, "MethodNotAllowed"),
]


@pytest.mark.parametrize(("method", "level", "query", "headers", "name"), ROWS, ids=[row[4] for row in ROWS])
def test_a_request_names_its_operation(method, level, query, headers, name):
    assert classify(method, level, query, headers)[0].name == name


@pytest.mark.parametrize(("method", "level", "query", "headers", "code"), REFUSED)
def test_a_request_that_names_none_is_refused(method, level, query, headers, code):
    with pytest.raises(RequestError) as caught:
        classify(method, level, query, headers)
    assert caught.value.code == code


def test_only_names_of_the_operation_go_on_and_a_sub_resource_has_no_value():
    query = [("versionId", "2"), ("cache", "bust"), ("x-id", "GetObject")]
    assert classify("GET", Level.OBJECT, query, {})[1] == {"versionId": "2"}
    assert classify("GET", Level.OBJECT, [("acl", "1"), ("versionId", "2")], {})[1] == {"acl": "", "versionId": "2"}
    assert classify("PUT", Level.OBJECT, PART, {})[1] == {"partNumber": "1", "uploadId": "u"}


def test_reads_change_nothing_and_overriding_a_retention_is_for_administrators():
    bypass = {"x-amz-bypass-governance-retention": "True"}
    assert classify("GET", Level.OBJECT, [], bypass)[0].kind == Kind.READ
    assert classify("DELETE", Level.OBJECT, [], {})[0].kind == Kind.WRITE
    assert classify("DELETE", Level.OBJECT, [("versionId", "v")], bypass)[0].kind == Kind.ADMIN


def test_the_lists_name_operations_of_s3_and_none_twice():
    names = by_name().keys()
    assert names >= allowed.PASSED
    assert own_answers.ANSWERS.keys() <= names
    assert not allowed.PASSED & own_answers.ANSWERS.keys()


@pytest.mark.parametrize("name", ["head_object", "put_object", "head_bucket"])
def test_what_a_client_of_s3_has_called_is_known_all_the_same(name):
    """In a gateway that goes on with its endpoints, its own client reads a model before anybody asks for an object."""
    code = f"""
import botocore.exceptions, django; django.setup()
from common import aws_models
from engine.s3.operations import by_name
settings = {{"region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}}
client = aws_models.session().create_client("s3", endpoint_url="http://127.0.0.1:9", **settings)
try:
    client.{name}(Bucket="b"{', Key="k"' if "object" in name else ""})
except botocore.exceptions.EndpointConnectionError:
    print(sorted(by_name()))
"""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "console.settings", "AWS_MAX_ATTEMPTS": "1"}
    output = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=environment, text=True)
    assert output == f"{sorted(by_name())}\n"
