"""Requests signed by botocore, an independent signer, and taken apart as a server sees them."""

from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

HOST = "127.0.0.1:8002"


def signed(
    secret,
    service="sagemaker",
    method="POST",
    path="/",
    body=b"",
    headers=None,
    region="us-east-1",
    id="AKID",
    host=HOST,
):
    """(method, path, query, headers) of a request with an Authorization header."""
    request = AWSRequest(method, f"http://{host}{path}", headers=headers or {}, data=body)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(Credentials(id, secret), service, region).add_auth(request)
    return taken_apart(request, host)


def presigned(secret, method="GET", path="/bucket/key", expires=60, headers=None, id="AKID", host=HOST):
    request = AWSRequest(method, f"http://{host}{path}", headers=headers or {})
    S3SigV4QueryAuth(Credentials(id, secret), "s3", "us-east-1", expires=expires).add_auth(request)
    return taken_apart(request, host)


def taken_apart(request, host=HOST):
    prepared = request.prepare()
    parts = urlsplit(prepared.url)
    headers = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    return prepared.method, parts.path, parts.query, {"host": host, **headers}


def _text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
