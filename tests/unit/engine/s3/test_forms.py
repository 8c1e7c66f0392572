"""Forms of browsers: how they are read, and what a policy allows."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.auth.errors import RequestError
from engine.s3 import post_policy
from engine.s3.form import Form

BOUNDARY = "xYz"
LATER = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def body_of(fields: list[tuple[str, str]], file: bytes, more: str = "") -> bytes:
    parts = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields)
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: x/y\r\n\r\n'
    return parts.encode() + head.encode() + file + f"\r\n{more}--{BOUNDARY}--\r\n".encode()


def read(body: bytes, size: int) -> tuple[dict[str, str], bytes]:
    async def blocks():
        for start in range(0, len(body), size):
            yield body[start : start + size]

    async def whole():
        form = Form(f"multipart/form-data; boundary={BOUNDARY}", blocks())
        return await form.fields(), b"".join([piece async for piece in form.file()])

    return asyncio.run(whole())


@given(st.binary(max_size=200), st.integers(1, 50))
def test_a_file_is_read_whatever_it_holds_and_however_it_comes(file, size):
    file += b"\r\n--xY\r\n-"
    fields, read_file = read(body_of([("Key", "k/é"), ("policy", "p=")], file), size)
    assert (fields, read_file) == ({"key": "k/é", "policy": "p=", "file": "a.txt"}, file)


def test_fields_after_the_file_are_ignored():
    more = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="submit"\r\n\r\nSend\r\n'
    assert read(body_of([("key", "k")], b"content", more), 7)[1] == b"content"


@pytest.mark.parametrize("body", [b"", b"--xYz--\r\n", body_of([("key", "k")], b"content")[:-9], b"x" * 100_000])
def test_what_is_no_form_is_refused(body):
    with pytest.raises(RequestError) as caught:
        read(body, 1000)
    assert caught.value.status == 400


def check(conditions, fields, expiration=LATER):
    policy = base64.b64encode(json.dumps({"expiration": expiration, "conditions": conditions}).encode()).decode()
    return post_policy.check(policy, {"policy": policy, "file": "a", **fields}, "b")


def test_a_form_that_meets_its_policy_passes():
    conditions = [
        {"bucket": "b"},
        ["starts-with", "$key", "in/"],
        {"X-Amz-Meta-A": "1"},
        ["content-length-range", 0, 9],
    ]
    fields = {"key": "in/k", "x-amz-meta-a": "1", "x-ignore-this": "", "signature": "s", "awsaccesskeyid": "a"}
    assert check(conditions, fields) == (0, 9)


@pytest.mark.parametrize(
    ("conditions", "fields", "why"),
    [
        ([{"bucket": "b"}, {"key": "k"}], {"key": "other"}, "Policy Condition failed"),
        ([{"bucket": "other"}, {"key": "k"}], {"key": "k"}, "Policy Condition failed"),
        ([{"key": "k"}], {"key": "k"}, "Extra input fields: bucket"),
        ([{"bucket": "b"}, {"key": "k"}], {"key": "k", "x-amz-meta-a": "1"}, "Extra input fields: x-amz-meta-a"),
        ([{"bucket": "b"}, {"key": "k"}, ["eq", "$acl", "private"]], {"key": "k"}, "Policy Condition failed"),
    ],
)
def test_a_form_that_does_not_meet_its_policy_is_refused(conditions, fields, why):
    with pytest.raises(RequestError, match=why) as caught:
        check(conditions, fields)
    assert (caught.value.code, caught.value.status) == ("AccessDenied", 403)


@pytest.mark.parametrize(
    "conditions", [None, {}, [{}], [["eq", "key", "k"]], [["content-length-range", -1, 0]], [[]], [{"a": 1}]]
)
def test_what_is_no_policy_is_refused(conditions):
    with pytest.raises(RequestError) as caught:
        check(conditions, {"key": "k"})
    assert (caught.value.code, caught.value.status) == ("InvalidPolicyDocument", 400)


def test_a_policy_ends():
    with pytest.raises(RequestError, match="Policy expired"):
        check([{"bucket": "b"}], {}, "2020-01-01T00:00:00Z")
    with pytest.raises(RequestError, match="expiration must be a time"):
        check([{"bucket": "b"}], {}, "soon")
