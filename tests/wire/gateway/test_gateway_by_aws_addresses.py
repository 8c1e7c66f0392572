"""AWS's own addresses, through the proxy of a notebook instance: what curl, requests and boto3 reach, and what not."""

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import requests
from botocore.config import Config

from engine.notebooks.aws_proxy import AwsProxy
from engine.notebooks.certificates import Authority
from engine.store import ACCESS_KEY_ID, secret_key
from tests.boto import make_client

BUCKET = "aws-addresses"
S3 = "https://s3.us-east-1.amazonaws.com"


@pytest.fixture(scope="module")
def proxy(gateway_url, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """The proxy of an instance: its URL, and the file with the certificate that the instance trusts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = AwsProxy(urlsplit(gateway_url).netloc)
    asyncio.run_coroutine_threadsafe(running.start(), loop).result()
    trusted = tmp_path_factory.mktemp("proxy") / "certificates.pem"
    trusted.write_text(running.authority.pem)
    yield SimpleNamespace(url=f"http://{running.address}", trusted=str(trusted))
    asyncio.run_coroutine_threadsafe(running.close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def client(proxy):
    """boto3's S3 client with a hard-coded address of AWS, as some notebooks make it."""

    def client(address: str | None = S3, style: str = "auto"):
        config = Config(
            proxies={"https": proxy.url, "http": proxy.url},
            s3={"addressing_style": style},
            retries={"total_max_attempts": 1},
        )
        return make_client(
            "s3",
            endpoint_url=address,
            verify=proxy.trusted,
            config=config,
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=secret_key(),
        )

    return client


@pytest.fixture
def stored_object(stored):
    if BUCKET not in {bucket["Name"] for bucket in stored.list_buckets()["Buckets"]}:
        stored.create_bucket(Bucket=BUCKET)
    stored.put_object(Bucket=BUCKET, Key="folder/a b.txt", Body=b"content")


@pytest.fixture
def presigned(client, stored_object):
    return client(style="virtual").generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": "folder/a b.txt"})


@pytest.mark.parametrize("style", ["path", "virtual"])
@pytest.mark.parametrize("address", [S3, "https://s3.amazonaws.com", "http://s3.us-east-1.amazonaws.com"])
def test_boto3_with_a_hard_coded_address_writes_and_reads(client, stored_object, style, address):
    s3, body = client(address, style), os.urandom(3_000_000)
    s3.put_object(Bucket=BUCKET, Key="large", Body=body)
    assert s3.get_object(Bucket=BUCKET, Key="large")["Body"].read() == body
    assert "folder/a b.txt" in [result["Key"] for result in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]


def test_boto3_without_an_address_at_all_arrives_by_the_buckets_own_host_name(client, stored_object, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    s3 = client(None)
    assert s3.meta.endpoint_url.endswith(".amazonaws.com")
    assert s3.get_object(Bucket=BUCKET, Key="folder/a b.txt")["Body"].read() == b"content"


def test_requests_and_curl_follow_a_link_with_the_buckets_host_name(proxy, presigned):
    assert urlsplit(presigned).hostname.startswith(f"{BUCKET}.s3.")
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(presigned, proxies={"https": proxy.url}, verify=proxy.trusted)
    assert (answer.status_code, answer.content) == (200, b"content")
    assert curl(proxy, presigned) == "content"


def curl(proxy, *arguments: str) -> str:
    environment = {"PATH": os.environ["PATH"], "https_proxy": proxy.url, "http_proxy": proxy.url}
    environment["CURL_CA_BUNDLE"] = proxy.trusted
    program = shutil.which("curl")
    assert program, "curl is not installed"
    return subprocess.run([program, "-sS", *arguments], env=environment, capture_output=True, text=True).stdout


def test_who_does_not_trust_the_certificate_gets_nothing(proxy, presigned):
    with requests.Session() as session, pytest.raises(requests.exceptions.SSLError):
        session.trust_env = False
        session.get(presigned, proxies={"https": proxy.url})


@pytest.mark.parametrize(
    "host", ["pypi.org", "amazonaws.com.evil.example", "evilamazonaws.com", "127.0.0.1", "localhost"]
)
def test_a_host_that_is_not_awss_is_refused_by_name(proxy, host):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy.url, "https": proxy.url}))
    with pytest.raises(OSError, match=f"403 {host} is outside of this notebook"):
        opener.open(f"https://{host}/simple/")
    with pytest.raises(urllib.error.HTTPError) as refused:
        opener.open(f"http://{host}/simple/")
    assert refused.value.read().decode().startswith(f"{host} is outside of this notebook")
    refused.value.close()


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("CONNECT s3.amazonaws.com:22 HTTP/1.1", b"403 s3.amazonaws.com is reached at port 443 alone"),
        ("CONNECT s3.amazonaws.com:99999 HTTP/1.1", b"403 s3.amazonaws.com is reached at port 443 alone"),
        ("GET http://s3.amazonaws.com:8000/ HTTP/1.1", b"403 s3.amazonaws.com is reached at port 80 alone"),
        ("GET / HTTP/1.1", b"400 "),
        ("CONNECT <script>.amazonaws.com:443 HTTP/1.1", b"400 "),
        ("nonsense", b"400 "),
    ],
)
def test_what_is_no_request_for_a_service_is_refused(proxy, target, status):
    host, _, port = urlsplit(proxy.url).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(f"{target}\r\n\r\n".encode())
        assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 " + status)


def test_the_certificate_is_worth_nothing_for_other_hosts():
    """Even a certificate from its key would not be believed."""
    authority = Authority()
    server, client = authority.context("pypi.org"), ssl.create_default_context(cadata=authority.pem)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    there = server.wrap_bio(outgoing, incoming, server_side=True)
    here = client.wrap_bio(incoming, outgoing, server_hostname="pypi.org")
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        for _ in range(4):
            for side in (here, there):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    continue
