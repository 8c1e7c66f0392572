"""Who gets through the gateway, and what the others are told."""

import asyncio
import contextlib
import json
import socket
import time
from datetime import UTC, datetime, timedelta
from unittest import mock
from urllib.parse import urlsplit

import aiohttp
import pytest
from botocore.exceptions import ClientError

from engine.s3 import backend, upstream
from tests.waiting import LIMIT, wait_for
from tests.wire.gateway.conftest import WEB
from tests.wire.gateway.raw import send, sign


def refused(call, *arguments, **named) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named)
    return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_nobody_is_not_let_in(world):
    answer = send(world, "GET", "/")
    assert (answer.status, "<Code>AccessDenied</Code>" in answer.text) == (403, True)


@pytest.mark.parametrize("wrong", [{"secret": "not the secret"}, {"key": "SWKIANOBODY"}])
def test_a_wrong_key_or_secret_is_told_apart(world, bucket, wrong):
    s3, runtime = world.client(**wrong), world.client("sagemaker-runtime", **wrong)
    unknown = "key" in wrong
    assert refused(s3.list_buckets) == ("InvalidAccessKeyId" if unknown else "SignatureDoesNotMatch", 403)
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"x" * 1_000_000)[1] == 403
    code = "UnrecognizedClientException" if unknown else "InvalidSignatureException"
    assert refused(runtime.invoke_endpoint, EndpointName="e", Body=b"1") == (code, 403)
    s3.close(), runtime.close()


def test_a_signature_of_six_minutes_ago_is_refused(world, bucket):
    ago = timedelta(minutes=6)
    answer = send(world, "GET", f"/{bucket}", sign(world, "GET", f"/{bucket}", ago=ago))
    assert (answer.status, "<Code>RequestTimeTooSkewed</Code>" in answer.text) == (403, True)
    path = "/endpoints/e/invocations"
    answer = send(world, "POST", path, sign(world, "POST", path, b"1", service="sagemaker", ago=ago), b"1")
    assert answer.status == 403
    assert answer.headers["x-amzn-errortype"] == "InvalidSignatureException"
    assert json.loads(answer.body)["message"].startswith("Signature expired: ")


def test_a_revoked_key_stops_working_within_five_seconds(world, bucket):
    key, secret = world.run("k, s = AccessKey.issue(None, 'editor'); answer = [k.access_key_id, s]")
    client = world.client(key=key, secret=secret)
    assert client.list_buckets()["Buckets"]
    used = "answer = AccessKey.objects.get(access_key_id=key).last_used"
    wait_for(lambda: world.run(used, key=key), "the key to be noted as used")
    world.run("AccessKey.objects.filter(access_key_id=key).update(revoked=now())", key=key)
    began = time.monotonic()
    with pytest.raises(ClientError) as caught:
        while True:
            is_late = time.monotonic() - began > 5
            client.list_buckets()
            assert not is_late, "a request that was sent after five seconds is answered"
            time.sleep(0.1)
    assert caught.value.response["Error"]["Code"] == "InvalidAccessKeyId"
    client.close()


def test_a_viewer_reads_but_does_not_write(world, s3, bucket):
    s3.put_object(Bucket=bucket, Key="shown", Body=b"seen")
    viewer = world.client(role="viewer")
    assert viewer.get_object(Bucket=bucket, Key="shown")["Body"].read() == b"seen"
    assert viewer.head_object(Bucket=bucket, Key="shown")
    assert viewer.list_buckets()["Buckets"]
    assert refused(viewer.put_object, Bucket=bucket, Key="k", Body=b"x") == ("AccessDenied", 403)
    assert refused(viewer.delete_object, Bucket=bucket, Key="shown") == ("AccessDenied", 403)
    assert refused(viewer.create_bucket, Bucket="not-mine") == ("AccessDenied", 403)
    address = viewer.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"})
    assert send(world, "PUT", path_of(address), body=b"x").status == 403
    viewer.close()


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_tampered_body_is_refused_and_nothing_is_stored(world, s3, bucket, size):
    path, body = f"/{bucket}/tampered-{size}-bytes", b"x" * size
    headers = sign(world, "PUT", path, body)
    answer = send(world, "PUT", path, headers, body[:-1] + b"y")
    assert (answer.status, "<Code>XAmzContentSHA256Mismatch</Code>" in answer.text) == (400, True)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix=f"tampered-{size}-")
    assert send(world, "PUT", path, headers, body).status == 200


def test_an_upload_broken_off_stores_nothing(world, s3, bucket):
    path, body = f"/{bucket}/broken-off", b"x" * 3_000_000
    headers = sign(world, "PUT", path, body)

    def half():
        yield body[:1_500_000]
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        send(world, "PUT", path, headers | {"content-length": str(len(body))}, half())
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="broken-off")
    assert world.gateway.poll() is None


def test_a_presigned_download_with_a_name_of_its_own(world, s3, bucket):
    s3.put_object(Bucket=bucket, Key="dir/ü 1.csv", Body=b"a,b\n")
    params = {"Bucket": bucket, "Key": "dir/ü 1.csv", "ResponseContentDisposition": 'attachment; filename="f 1.csv"'}
    answer = send(world, "GET", path_of(s3.generate_presigned_url("get_object", Params=params)))
    assert (answer.status, answer.body) == (200, b"a,b\n")
    assert answer.headers["content-disposition"] == 'attachment; filename="f 1.csv"'


def test_a_presigned_upload(world, s3, bucket):
    address = s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "sent", "ContentType": "text/csv"}, ExpiresIn=60
    )
    answer = send(world, "PUT", path_of(address), {"Content-Type": "text/csv"}, b"z" * 1_000_000)
    assert (answer.status, bool(answer.headers["etag"])) == (200, True)
    assert s3.head_object(Bucket=bucket, Key="sent")["ContentType"] == "text/csv"
    other = send(world, "PUT", path_of(address), {"Content-Type": "text/html"}, b"z")
    assert (other.status, "SignatureDoesNotMatch" in other.text) == (403, True)


def test_a_presigned_address_ends_and_cannot_be_bent(world, s3, bucket):
    s3.put_object(Bucket=bucket, Key="short", Body=b"x")
    with mock.patch("botocore.auth.get_current_datetime", lambda: datetime.now(UTC) - timedelta(seconds=90)):
        ended = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "short"}, ExpiresIn=60)
        lasting = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "short"}, ExpiresIn=600)
    answer = send(world, "GET", path_of(ended))
    assert (answer.status, "<Message>Request has expired</Message>" in answer.text) == (403, True)
    assert send(world, "GET", path_of(lasting)).status == 200
    for bent in (path_of(lasting).replace("/short", "/other"), path_of(lasting).replace("=600", "=6000")):
        assert "SignatureDoesNotMatch" in send(world, "GET", bent).text


def test_the_consoles_pages_may_use_presigned_addresses(world, s3, bucket):
    address = path_of(s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "from-page"}))
    asking = {"Origin": WEB, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    allowed = send(world, "OPTIONS", address, asking)
    assert allowed.status == 200
    assert allowed.headers["access-control-allow-origin"] == WEB
    assert "PUT" in allowed.headers["access-control-allow-methods"]
    assert allowed.headers["access-control-allow-headers"] == "content-type"
    done = send(world, "PUT", address, {"Origin": WEB}, b"data")
    assert (done.status, done.headers["access-control-allow-origin"]) == (200, WEB)
    assert "ETag" in done.headers["access-control-expose-headers"]
    denied = send(world, "GET", f"/{bucket}/from-page", {"Origin": WEB})
    assert (denied.status, denied.headers["access-control-allow-origin"]) == (403, WEB)


async def to_store(method: str, path: str, query: str, body: bytes) -> int:
    """Ask the store of settings.STORE_URL itself; the status of its answer."""
    url, headers = upstream.signed(method, path, query, {})
    async with (
        aiohttp.ClientSession(connector=backend.connector()) as session,
        session.request(method, url, headers=headers, data=body) as response,
    ):
        return response.status


@pytest.fixture
def stored_cors(world, s3, settings) -> tuple[str, str]:
    """A bucket whose rules the store has, as an earlier version gave them to it; the origin that they allow."""
    name, page = "stored-cors", "https://elsewhere.example"
    s3.create_bucket(Bucket=name)
    body = (
        f"<CORSConfiguration><CORSRule><AllowedOrigin>{page}</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
        "</CORSRule></CORSConfiguration>"
    )
    settings.STORE_URL = world.store_url
    assert asyncio.run(to_store("PUT", f"/{name}", "cors", body.encode())) == 200
    return name, page


def test_other_pages_may_only_when_the_bucket_says_so(world, s3):
    s3.create_bucket(Bucket="shared")
    page = "https://elsewhere.example"
    asking = {"Origin": page, "Access-Control-Request-Method": "GET"}
    s3.put_object(Bucket="shared", Key="k", Body=b"x")
    address = path_of(s3.generate_presigned_url("get_object", Params={"Bucket": "shared", "Key": "k"}))
    assert send(world, "OPTIONS", address, asking).status == 403
    assert "access-control-allow-origin" not in send(world, "GET", address, {"Origin": page}).headers
    s3.put_bucket_cors(
        Bucket="shared",
        CORSConfiguration={"CORSRules": [{"AllowedOrigins": [page], "AllowedMethods": ["GET"], "MaxAgeSeconds": 5}]},
    )
    wait_for(lambda: send(world, "OPTIONS", address, asking).status == 200, "the rule to be read")
    answer = send(world, "OPTIONS", address, asking)
    assert answer.headers["access-control-allow-origin"] == page
    assert send(world, "GET", address, {"Origin": page}).headers["access-control-allow-origin"] == page
    assert send(world, "OPTIONS", address, asking | {"Origin": "https://third.example"}).status == 403
    refused = send(world, "GET", address.replace("/k?", "/absent?"), {"Origin": page})
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (403, page)


def test_rules_that_a_bucket_had_in_the_store_are_still_there(world, s3, stored_cors):
    name, page = stored_cors
    assert s3.get_bucket_cors(Bucket=name)["CORSRules"][0]["AllowedOrigins"] == [page]
    asking = {"Origin": page, "Access-Control-Request-Method": "GET"}
    assert send(world, "OPTIONS", f"/{name}/k", asking).headers["access-control-allow-origin"] == page
    s3.delete_bucket_cors(Bucket=name)
    assert refused(s3.get_bucket_cors, Bucket=name) == ("NoSuchCORSConfiguration", 404)
    assert send(world, "OPTIONS", f"/{name}/k", asking).status == 403


@pytest.mark.parametrize("origins", [["*.get"], ["https://*"]])
def test_origins_have_wildcards(world, s3, origins):
    s3.create_bucket(Bucket="wild")
    rule = {"AllowedOrigins": origins, "AllowedMethods": ["GET"], "ExposeHeaders": ["etag"]}
    s3.put_bucket_cors(Bucket="wild", CORSConfiguration={"CORSRules": [rule]})
    assert s3.get_bucket_cors(Bucket="wild")["CORSRules"] == [rule]
    asking = {"Origin": "https://a.get", "Access-Control-Request-Method": "GET"}
    allowed = send(world, "OPTIONS", "/wild/k", asking)
    assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (200, "https://a.get")
    assert send(world, "OPTIONS", "/wild/k", asking | {"Access-Control-Request-Headers": "x-amz-date"}).status == 403
    address = path_of(s3.generate_presigned_url("get_object", Params={"Bucket": "wild", "Key": "absent"}))
    absent = send(world, "GET", address, {"Origin": "https://a.get"})
    assert (absent.status, absent.headers["access-control-expose-headers"]) == (404, "etag")
    s3.delete_bucket(Bucket="wild")
    assert send(world, "OPTIONS", "/wild/k", asking).status == 403


def test_nonsense_on_the_wire_is_answered_and_survived(world):
    for path, headers in (
        ("/%ff%00/x", {}),
        ("/b/k?X-Amz-Signature=0", {}),
        ("/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=%ff&X-Amz-Credential=a/b/c/s3/aws4_request", {}),
        ("/", {"Authorization": "AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;, Signature="}),
        ("/", {"Authorization": "AWS4-HMAC-SHA256 " + "x" * 5000}),
    ):
        assert 400 <= send(world, "GET", path, headers).status < 500
    for origin in ("http://a:b", "http://[", "http://a:99999"):
        asking = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        assert send(world, "OPTIONS", "/b/k", asking).status == 403
        assert send(world, "GET", "/b/k", asking).status == 404
    assert send(world, "GET", "/healthz").text == "ok"
    wait_for(lambda: send(world, "GET", "/readyz").status == 200, "the gateway to be warm")


def test_a_head_without_an_end_is_not_kept(world):
    where = urlsplit(world.url)
    with socket.create_connection((where.hostname, where.port), timeout=LIMIT) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ")
        answer = b""
        with contextlib.suppress(OSError):  # it hangs up while we are still talking
            for _ in range(40):
                connection.sendall(b"x" * 100_000)
            connection.sendall(b"\r\n\r\n")
            answer = connection.recv(1000)
        assert not answer or answer.startswith(b"HTTP/1.1 400 ")
    put = sign(world, "GET", "/", b"", {"x-client-note": "x" * 60_000})
    assert send(world, "GET", "/", put).status == 200


def test_what_was_signed_for_another_service_opens_no_bucket(world):
    signed = sign(world, "GET", "/", service="sts")
    also = "Credential=x/20260101/eu-west-3/s3/aws4_request, Credential="
    signed["authorization"] = signed["authorization"].replace("Credential=", also, 1)
    answer = send(world, "GET", "/", signed)
    assert (answer.status, "AuthorizationHeaderMalformed" in answer.text) == (400, True)


def test_headers_of_a_proxy_before_us_do_not_reach_the_store(world, bucket):
    signed = sign(world, "PUT", f"/{bucket}/proxied", b"x")
    answer = send(world, "PUT", f"/{bucket}/proxied", signed | {"X-Forwarded-Host": "other:80", "Cookie": "a=b"}, b"x")
    assert answer.status == 200
