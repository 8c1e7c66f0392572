"""Builds requests to the store: the caller's own, signed with the store's private key."""

from datetime import UTC, datetime
from hashlib import sha256

from django.conf import settings
from yarl import URL

from engine.auth import sigv4
from engine.auth.errors import ISO
from engine.auth.signed_request import ALGORITHM
from engine.auth.sigv4 import UNSIGNED
from engine.s3.backend import store

# Of one connection, of the caller's signature, or ours to set; and what the store would believe of a proxy before it.
DROPPED_HEADERS = {
    "authorization", "connection", "content-length", "cookie", "date", "expect", "forwarded", "host", "keep-alive",
    "origin",
    "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "x-amz-content-sha256",
    "x-amz-acl", "x-amz-date", "x-amz-decoded-content-length", "x-amz-security-token", "x-amz-target", "x-amz-trailer",
}  # fmt: skip
RESERVED_PREFIXES = ("x-forwarded-", "seaweed-", "x-amz-grant-")


def signed(method: str, path: str, query: str, headers: dict[str, str], payload: str = UNSIGNED) -> tuple[URL, dict]:
    """The address and headers of a request the store accepts; `path` and `query` raw, names in `headers` lower-case.

    `headers` are latin-1 text, as they came; those returned are to be sent as UTF-8, which aiohttp does.
    """
    backend = store()
    url = URL(backend.endpoint)
    path, query = sigv4.encode(path, "/" + sigv4.UNRESERVED), sigv4.canonical_query(query)
    stamp = datetime.now(UTC).strftime(ISO)
    headers = {name: _as_utf8(value) for name, value in headers.items()}
    headers |= {"host": url.raw_authority, "x-amz-date": stamp, "x-amz-content-sha256": payload}
    names = sorted(name for name in headers if name.startswith("x-amz-") or name in ("host", "content-md5"))
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    canonical = f"{method}\n{path}\n{query}\n{lines}\n{';'.join(names)}\n{payload}"
    scope = f"{stamp[:8]}/{settings.REGION}/s3/aws4_request"
    text = f"{ALGORITHM}\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    key = sigv4.derive(backend.secret_key, stamp[:8], settings.REGION, "s3")
    signature = sigv4.signature_of(key, text)
    credential = f"Credential={backend.access_key}/{scope}"
    headers["authorization"] = f"{ALGORITHM} {credential}, SignedHeaders={';'.join(names)}, Signature={signature}"
    return URL(f"{backend.endpoint}{path}{'?' if query else ''}{query}", encoded=True), headers


def _as_utf8(value: str) -> str:
    return value if value.isascii() else value.encode("latin-1").decode("utf-8", "replace")


def headers_of(sent: dict[str, str]) -> dict[str, str]:
    """Return those of the caller's headers that the store understands."""
    headers = {
        name: value
        for name, value in sent.items()
        if name not in DROPPED_HEADERS and not name.startswith(RESERVED_PREFIXES)
    }
    if "content-encoding" in headers:
        # "aws-chunked" says how the body travelled to us, not what is in it.
        encodings = [
            c.strip() for c in headers.pop("content-encoding").split(",") if c.strip().lower() != "aws-chunked"
        ]
        if any(encodings):
            headers["content-encoding"] = ", ".join(encodings)
    return headers
