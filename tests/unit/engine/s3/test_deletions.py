"""The body of DeleteObjects is checked as sent, and then names objects as the store does."""

import base64

import pytest

from engine.auth.errors import RequestError
from engine.s3.deletions import CHECKSUMS, checked, encode_keys
from engine.s3.key_names import encode

# Check values of https://reveng.sourceforge.io/crc-catalogue/all.htm and RFC 1321: the checksums of "123456789".
KNOWN = {
    "content-md5": "25f9e794323b453885f5181f1b624d0b",
    "x-amz-checksum-crc32": "cbf43926",
    "x-amz-checksum-crc32c": "e3069283",
    "x-amz-checksum-crc64nvme": "ae8b14860a799888",
}
OBJECT = b"<Object><Key>a/b &amp; c</Key></Object>"
BODY = b'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>%b</Delete>' % OBJECT


@pytest.mark.parametrize("name", KNOWN)
def test_checksums_are_those_of_their_definitions(name):
    assert CHECKSUMS[name](b"123456789").hex() == KNOWN[name]


@pytest.mark.parametrize("name", CHECKSUMS)
def test_a_body_passes_with_its_own_checksum_only(name):
    own = base64.b64encode(CHECKSUMS[name](BODY)).decode()
    assert f"<Key>{encode('a/b & c').replace('&', '&amp;')}</Key>".encode() in encode_keys(checked(BODY, {name: own}))
    with pytest.raises(RequestError, match=name):
        checked(BODY + b" ", {name: own})


@pytest.mark.parametrize("body", [b"", b"<Delete>", b"<Other/>", b"\xff"], ids=repr)
def test_what_is_no_list_of_keys_is_refused(body):
    with pytest.raises(RequestError) as refused:
        checked(body, {})
    assert refused.value.code == "MalformedXML"
