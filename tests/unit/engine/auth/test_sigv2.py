"""Signature Version 2: what is refused whoever signed it."""

import time

import pytest

from engine.auth import sigv2
from engine.auth.errors import RequestError

QUERY = {"AWSAccessKeyId": "A", "Signature": "s", "Expires": str(int(time.time()) + 3600)}


def refusal(method="GET", names_object=True, **query) -> str:
    with pytest.raises(RequestError) as caught:
        sigv2.check(method, names_object, QUERY | query)
    return caught.value.message


def test_reads_and_writes_of_objects_pass():
    for method in ("GET", "HEAD", "PUT"):
        sigv2.check(
            method, True, QUERY | {"partNumber": "1", "uploadId": "u", "content-type": "a/b", "x-amz-meta-a": "b"}
        )


def test_other_operations_and_names_that_it_does_not_cover_are_refused():
    assert "GET, HEAD, PUT of an object only" in refusal("DELETE")
    assert "GET, HEAD, PUT of an object only" in refusal(names_object=False)
    assert "does not cover: acl, surprise" in refusal(acl="", surprise="")


@pytest.mark.parametrize("expires", ["", "soon", "-1", "\xb2", "9" * 30])
def test_an_end_that_is_no_time_is_refused(expires):
    assert "parameters" in refusal(Expires=expires)


def test_it_lasts_a_week_at_most():
    assert "less than a week" in refusal(Expires=str(int(time.time()) + 8 * 24 * 3600))
    assert refusal(Expires=str(int(time.time()) - 1)) == "Request has expired"


def test_a_deployment_may_switch_it_off(settings):
    settings.SIGV2 = False
    assert 'Config(signature_version="s3v4")' in refusal()
    settings.SIGV2 = True
    sigv2.check("GET", True, QUERY)
