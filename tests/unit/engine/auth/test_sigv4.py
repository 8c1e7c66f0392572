import hmac
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace
from unittest import mock
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.auth import signed_request, sigv4
from engine.auth.keys import CachedKey
from engine.wire.errors import AwsError
from tests.unit.engine.auth.signing import presigned, signed

SECRET = "a secret / with + signs="
HELD = CachedKey(SimpleNamespace(access_key_id="AKID", effective_role="editor"), SECRET, 0)
names = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=12)


def check(request, body=b"", cached=HELD):
    return sigv4.verify(signed_request.parse(*request), cached, sha256(body).hexdigest())


@contextmanager
def clock_of_the_client(offset: timedelta):
    with mock.patch("botocore.auth.get_current_datetime", lambda: datetime.now(UTC) + offset):
        yield


def refused(request, body=b"", cached=HELD) -> AwsError:
    with pytest.raises(AwsError) as caught:
        check(request, body, cached)
    return caught.value


@settings(max_examples=150, deadline=None)
@given(key=names, query=st.dictionaries(names, names, max_size=4), method=st.sampled_from(["GET", "PUT", "DELETE"]))
def test_any_key_and_query_signed_by_botocore_is_accepted_by_s3(key, query, method):
    text = "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in query.items())
    request = signed(SECRET, "s3", method, f"/bucket/{quote(key, safe='/~')}?{text}")
    assert check(request).service == "s3"
    assert check(presigned(SECRET, method, f"/bucket/{quote(key, safe='/~')}?{text}")).service == "s3"


@settings(max_examples=150, deadline=None)
@given(name=names, query=st.dictionaries(names, names, max_size=3), body=st.binary(max_size=64), value=st.text("ab \t"))
def test_any_path_query_header_and_body_is_accepted_by_the_other_services(name, query, body, value):
    text = "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in query.items())
    path = f"/endpoints/{quote(name, safe='/~')}/invocations?{text}"
    request = signed(SECRET, "sagemaker", "POST", path, body, {"X-Amzn-SageMaker-Custom-Attributes": f"x{value}x"})
    assert check(request, body).region == "us-east-1"


@pytest.mark.parametrize(
    "query", ["a=%FF", "a", "b=2&a=1&a=0", "uploads", "versionId=x%2Fy%2B", "tagging&x-id=PutObject"]
)
def test_queries_without_values_or_in_any_order_or_not_utf8(query):
    assert check(signed(SECRET, "s3", "GET", f"/b/k?{query}"))


@pytest.mark.parametrize("path", ["/b/a b", "/b//x", "/b/../x", "/b/a(1)!*'", "/b/a%2fb", "/b/a+b", "/b/%E2%82%AC"])
def test_an_s3_path_is_taken_as_it_came(path):
    assert check(signed(SECRET, "s3", "GET", path.replace(" ", "%20")))


def test_other_services_normalise_the_path_and_encode_it_again():
    assert check(signed(SECRET, "sagemaker", "POST", "/endpoints/a%20b//x/../invocations"))


def test_what_a_client_makes_long_is_not_remembered():
    check(signed(SECRET))
    before = [cache.cache_info().currsize for cache in (sigv4._remembered, sigv4.derive)]
    assert check(signed(SECRET, path="/endpoints/" + "a" * 10_000))
    assert "mal-formed" in refused(signed(SECRET, region="r" * 10_000)).message
    assert [cache.cache_info().currsize for cache in (sigv4._remembered, sigv4.derive)] == before


def test_repeated_headers_joined_by_a_comma_and_wide_spaces_are_accepted():
    assert check(signed(SECRET, headers={"X-Amz-Meta-A": "  one   two ,three"}))


@pytest.mark.parametrize(
    ("service", "headers", "code", "status"),
    [
        ("s3", {}, "SignatureDoesNotMatch", 403),
        ("sagemaker", {"X-Amz-Target": "SageMaker.ListModels"}, "InvalidSignatureException", 400),
        ("sagemaker", {}, "InvalidSignatureException", 403),
        ("sts", {}, "SignatureDoesNotMatch", 403),
    ],
)
def test_a_wrong_secret_is_refused_in_the_words_of_the_service(service, headers, code, status):
    error = refused(signed("another", service, headers=headers))
    assert (error.code, error.status) == (code, status)
    assert error.message.startswith("The request signature we calculated does not match the signature you provided.")


@pytest.mark.parametrize(
    ("service", "code"),
    [("s3", "InvalidAccessKeyId"), ("sagemaker", "UnrecognizedClientException"), ("iam", "InvalidClientTokenId")],
)
def test_an_unknown_key_is_refused_in_the_words_of_the_service(service, code):
    assert refused(signed(SECRET, service), cached=None).code == code


@pytest.mark.parametrize("change", ["method", "path", "query", "body", "header", "host"])
def test_whatever_was_signed_cannot_be_changed(change):
    method, path, query, headers = signed(SECRET, path="/p?q=1", body=b"body", headers={"X-Amz-Target": "T.Op"})
    body = b"other" if change == "body" else b"body"
    method = "PUT" if change == "method" else method
    path = "/x" if change == "path" else path
    query = "q=2" if change == "query" else query
    headers = headers | {"header": {"x-amz-target": "T.Other"}, "host": {"host": "elsewhere"}}.get(change, {})
    assert refused((method, path, query, headers), body).code == "InvalidSignatureException"


@pytest.mark.parametrize("minutes", [-5.2, 5.2])
def test_a_clock_five_minutes_off_is_refused(minutes):
    with clock_of_the_client(timedelta(minutes=minutes)):
        s3, other = signed(SECRET, "s3", "GET", "/b"), signed(SECRET)
    assert refused(s3).code == "RequestTimeTooSkewed"
    error = refused(other)
    assert error.code == "InvalidSignatureException"
    assert error.message.startswith("Signature expired: " if minutes < 0 else "Signature not yet current: ")
    assert error.message.endswith(" min.)")


@pytest.mark.parametrize("minutes", [-4.8, 4.8])
def test_a_clock_less_than_five_minutes_off_is_accepted(minutes):
    with clock_of_the_client(timedelta(minutes=minutes)):
        request = signed(SECRET)
    assert check(request)


def test_a_presigned_url_works_until_it_expires_and_no_longer():
    with clock_of_the_client(timedelta(minutes=-50)):
        long, short = presigned(SECRET, expires=3600), presigned(SECRET, expires=2999)
    assert check(long)
    error = refused(short)
    assert (error.code, error.message) == ("AccessDenied", "Request has expired")


def test_a_presigned_url_may_not_last_longer_than_a_week():
    assert check(presigned(SECRET, expires=604800))
    assert refused(presigned(SECRET, expires=604801)).code == "AuthorizationQueryParametersError"


def test_an_s3_header_that_was_not_signed_is_refused():
    method, path, query, headers = presigned(SECRET, "PUT")
    error = refused((method, path, query, headers | {"x-amz-acl": "public-read"}))
    assert error.code == "AccessDenied"
    assert error.details == {"HeadersNotSigned": "x-amz-acl"}


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "AccessDenied"),
        ({"x-amz-target": "SageMaker.ListModels"}, "MissingAuthenticationToken"),
        ({"authorization": "Bearer x"}, "InvalidRequest"),
        ({"authorization": "AWS4-HMAC-SHA256 SignedHeaders=host"}, "AuthorizationHeaderMalformed"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host"}, "AuthorizationHeaderMalformed"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=a/b", "x-amz-target": "T.O"}, "IncompleteSignature"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/r/s3/aws4_request, SignedHeaders=host, Signature=0"},
         "AuthorizationHeaderMalformed"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/r/sts/aws4_request, SignedHeaders=a, Signature=0",
          "x-amz-date": "20260101T000000Z"}, "IncompleteSignature"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=A/20260102/r/sts/aws4_request, SignedHeaders=host, Signature=0",
          "x-amz-date": "20260101T000000Z"}, "IncompleteSignature"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/r/s3/aws4_request, SignedHeaders=host, Signature=0",
          "date": "Fri, 31 Dec 9999 23:59:59 -2359"}, "AuthorizationHeaderMalformed"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=\0/20260101/r/s3/aws4_request, SignedHeaders=h, Signature=0"},
         "AuthorizationHeaderMalformed"),
    ],
)  # fmt: skip
def test_a_missing_or_broken_signature_is_named(headers, code):
    assert refused(("GET", "/", "", {"host": "h", **headers})).code == code


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.text(max_size=100))
def test_nonsense_is_refused_and_never_crashes(text, query):
    for headers in ({"authorization": text}, {"authorization": f"AWS4-HMAC-SHA256 {text}"}, {}):
        with pytest.raises(AwsError):
            check(("GET", "/", f"X-Amz-Signature={query}" if not headers else query, {"host": "h", **headers}))


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.text(max_size=300))
def test_a_signature_is_the_hmac_of_the_text(key, text):
    for _ in range(2):  # the second time with what is kept of the key
        assert sigv4.signature_of(key, text) == hmac.digest(key, text.encode(), "sha256").hex()
