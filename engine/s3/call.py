"""One request to S3 as the service reads it: the bucket and key it names, its query and headers, its operation."""

import ipaddress
import os
import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes, urlsplit

from engine.auth import Caller, sigv2
from engine.auth.errors import RequestError
from engine.http.request import Request
from engine.s3.encryption import Encryption
from engine.s3.operations import BUCKET, PREFLIGHT, Level, Operation, classify

PORT = re.compile(r":\d*$")
AWS_HOST = re.compile(r"(?P<bucket>.+)\.s3([.-]dualstack)?([.-][a-z0-9-]+)?\.amazonaws\.com(\.cn)?")
SIGNATURE_QUERY = {
    "X-Amz-Algorithm", "X-Amz-Content-Sha256", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
    "X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders",
}  # fmt: skip


@dataclass
class Call:
    """A request with its parts; names in `headers` are lower-case, and all values latin-1 text.

    `path` is raw and in path style whichever style was sent. `parameters` is the query without its signature, `query`
    that part of it which the operation may have.
    """

    request: Request
    bucket: str
    path: str
    headers: dict[str, str]
    parameters: list[tuple[str, str]]
    query: dict[str, str] = field(default_factory=dict)
    operation: Operation = PREFLIGHT  # until `name` sets it, after the caller is known
    caller: Caller = None  # type: ignore[assignment]  # set before `operation` is
    fields: dict[str, str] = field(default_factory=dict)  # of the browser's form that it came in, if it did
    protected: list[tuple[str, str, str]] = field(default_factory=list)  # from deletion: key, code, message
    encryption: Encryption | None = None  # what the object that it stores is reported as encrypted with

    @property
    def is_anonymous(self) -> bool:
        """Return whether the request has no key."""
        return not self.caller.key.access_key_id

    @property
    def level(self) -> Level:
        """Return what the path names."""
        bucket, _, key = self.path[1:].partition("/")
        return Level.OBJECT if bucket and key else Level.BUCKET if bucket else Level.SERVICE

    @property
    def raw_query(self) -> str:
        """Return the query for the store, percent-encoded."""
        return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in self.query.items())

    def name(self, caller: Caller) -> None:
        """Set `caller`, `operation` and `query`. Raises RequestError for what names no operation."""
        self.caller = caller
        self.operation, self.query = classify(self.request.method, self.level, self.parameters, self.headers)


def read(request: Request) -> Call:
    """Return `request` read. Raises RequestError when its bucket cannot be one.

    A presigned address may have headers (x-amz-...) in its query, and S3 reads them there.
    """
    pairs = pairs_of(request.query)
    names = {name for name, _ in pairs}
    is_old = sigv2.is_presigned(request.query)
    is_moved = sigv2.is_moved if is_old else _is_hoisted
    moved = {name for name in names if is_moved(name) and (is_old or "X-Amz-Signature" in names)}
    hoisted = {name: value for name, value in pairs if name in moved}
    bucket = virtual_bucket(request.headers.get("host", ""))
    path = f"/{bucket}{request.path}" if bucket else request.path
    bucket = _decoded(path[1:].partition("/")[0])
    if not BUCKET.fullmatch(bucket) and path != "/":
        raise RequestError("The specified bucket is not valid.", "InvalidBucketName", 400, BucketName=bucket)
    own_query = sigv2.OWN_QUERY if is_old else SIGNATURE_QUERY
    parameters = [(name, value) for name, value in pairs if name not in moved | own_query]
    # Version 2 signs what the query says, whatever content type a client adds; Version 4 what the headers say.
    headers = request.headers | hoisted if is_old else hoisted | request.headers
    return Call(request, bucket, path, headers, parameters)


def virtual_bucket(host: str) -> str:
    """Return the bucket that a Host header names, "" for none.

    The host is a sub-domain of localhost, of AWS_ENDPOINT_URL's host, or of an S3 host of AWS's, which a client reaches
    here when its name server says so.
    """
    host = PORT.sub("", host.lower())
    for base in _base_names():
        if host.endswith(f".{base}"):
            return host.removesuffix(f".{base}")
    match = AWS_HOST.fullmatch(host)
    return match["bucket"] if match else ""


def _base_names() -> tuple[str, ...]:
    """Host names whose sub-domains are buckets: localhost, and AWS_ENDPOINT_URL's host unless it is an IP address."""
    hostname = urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname or "localhost"
    try:
        ipaddress.ip_address(hostname)
    except ValueError:
        return ("localhost", hostname)
    return ("localhost",)


def _is_hoisted(name: str) -> bool:
    return name.startswith("x-amz-")


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Return the names and values of a raw query, decoded to latin-1 text."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(_decoded(name), _decoded(value)) for name, _, value in parts]


def _decoded(text: str) -> str:
    return unquote_to_bytes(text.encode("latin-1")).decode("latin-1")


def _quoted(text: str) -> str:
    return quote(text.encode("latin-1"), safe="-_.~")
