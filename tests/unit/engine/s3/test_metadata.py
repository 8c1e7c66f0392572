"""User metadata reaches the embedded store in a form that it keeps, and comes back as it was sent."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.s3.metadata import MARK, decode, encode

NAME = "x-amz-meta-a"


@given(st.binary(max_size=40))
@example(b"")
@example(b"\xe9")
@example("ü".encode())
@example(MARK.encode())
@example(encode({NAME: ""})[NAME].encode())
def test_every_value_comes_back(value):
    remaining = encode({NAME: value.decode("latin-1")})[NAME]
    assert remaining
    assert decode([(NAME.encode(), remaining.encode("latin-1"))]) == [(NAME.encode(), value)]
    remaining.encode("latin-1").decode()  # what the store gets is UTF-8


@pytest.mark.parametrize("value", ["plain", "ü".encode().decode("latin-1"), "=?UTF-8?B?w7w=?="])
def test_what_the_store_can_keep_is_left_alone(value):
    assert encode({NAME: value}) == {NAME: value}


def test_other_headers_are_left_alone():
    assert encode({"content-language": ""}) == {"content-language": ""}
    assert decode([(b"etag", MARK.encode())]) == [(b"etag", MARK.encode())]
