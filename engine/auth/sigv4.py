"""AWS Signature Version 4: checks what a request claims with the key's secret.

The canonical request is rebuilt from the raw bytes that came, the way AWS documents it: S3 encodes the path once and
never normalises it, every other service normalises it and encodes it again.
"""

import hmac
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from botocore.utils import normalize_url_path

from engine.auth.errors import WINDOW, RequestError
from engine.auth.keys import CachedKey
from engine.auth.signed_request import ALGORITHM, SignedRequest
from engine.models import AccessKey

EMPTY_SHA256 = sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
UNRESERVED = "-_.~"
MAX_REMEMBERED_PATH = 1024  # characters: clients choose the paths, and 4096 are remembered


class Caller(NamedTuple):
    """A verified caller: the key with its effective role, and the Region and service it signed for.

    `signed` and `signing_key` let S3 check what follows the head: the body's hash, and signed chunks.
    """

    key: AccessKey
    region: str
    service: str
    role: str
    signed: SignedRequest = None  # type: ignore[assignment]  # always there when `verify` made it
    signing_key: bytes = b""


def verify(signed: SignedRequest, cached: CachedKey | None, body_hash: str | None = None) -> Caller:
    """The caller, if `held` is the claimed key and its secret made this signature within its time; else AwsError."""
    texts = signed.texts
    if cached is None:
        raise texts.unknown_key(signed.access_key_id)
    now = datetime.now(UTC)
    if signed.expires is None:
        if abs(now - signed.signed_at) > WINDOW:
            raise texts.skewed(signed.signed_at, now)
    elif signed.signed_at > now + WINDOW:
        raise texts.skewed(signed.signed_at, now)
    elif now > signed.signed_at + timedelta(seconds=signed.expires):
        raise texts.expired(signed.signed_at, signed.expires, now)

    payload = _payload(signed, body_hash)
    signing_key = derive(cached.secret, signed.date, signed.region, signed.service)
    for path in _canonical_paths(signed):
        canonical = _canonical_request(signed, path, payload)
        hashed = sha256(canonical.encode("latin-1", "replace")).hexdigest()
        string_to_sign = f"{ALGORITHM}\n{signed.timestamp}\n{signed.scope}\n{hashed}"
        expected = signature_of(signing_key, string_to_sign)
        if hmac.compare_digest(expected.encode(), signed.signature.encode()):
            return Caller(cached.key, signed.region, signed.service, cached.role, signed, signing_key)
    raise texts.mismatch(signed.access_key_id, string_to_sign, signed.signature, canonical)


@lru_cache(maxsize=1024)
def derive(secret: str, date: str, region: str, service: str) -> bytes:
    """The signing key of one secret for one day, Region and service."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def signature_of(signing_key: bytes, text: str) -> str:
    """HMAC-SHA256 of `text` in hex. `hmac.digest` takes 7 times as long, for OpenSSL looks the digest up each time."""
    inner, outer = _padded(signing_key)
    inner, outer = inner.copy(), outer.copy()
    inner.update(text.encode())
    outer.update(inner.digest())
    return outer.hexdigest()


@lru_cache(maxsize=1024)
def _padded(signing_key: bytes) -> tuple:
    """SHA-256 of the inner and of the outer pad of HMAC (RFC 2104, section 2) with a key of up to 64 bytes."""
    block = signing_key.ljust(64, b"\0")
    return sha256(bytes(byte ^ 0x36 for byte in block)), sha256(bytes(byte ^ 0x5C for byte in block))


def canonical_query(query: str, leave_out: str = "") -> str:
    """The query as it is signed: each name and value encoded anew, in order."""
    if not query:
        return ""
    pairs = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if part and name != leave_out:
            pairs.append((encode(name), encode(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def encode(text: str, safe: str = UNRESERVED) -> str:
    """`text`, percent-encoded in whatever way, encoded the one way AWS does."""
    return quote(unquote_to_bytes(text.encode("latin-1", "replace")), safe=safe)


def _canonical_paths(signed: SignedRequest) -> tuple[str, ...]:
    path = signed.path or "/"
    if signed.service != "s3":
        return (_remembered(path) if len(path) <= MAX_REMEMBERED_PATH else _twice_encoded(path),)
    # AWS encodes the path by its own rules; a client that leaves "(" bare in the address may have signed either.
    encoded = encode(path, "/" + UNRESERVED)
    return (path,) if encoded == path else (path, encoded)


def _twice_encoded(path: str) -> str:
    if "//" in path or "/." in path:
        path = normalize_url_path(path)
    return quote(path, safe="/~", encoding="latin-1")


_remembered = lru_cache(maxsize=4096)(_twice_encoded)


def _canonical_request(signed: SignedRequest, path: str, payload: str) -> str:
    headers = signed.headers
    lines = "".join([f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in signed.signed_headers])
    query = signed.query and canonical_query(signed.query, "X-Amz-Signature" if signed.expires is not None else "")
    return f"{signed.method}\n{path}\n{query}\n{lines}\n{';'.join(signed.signed_headers)}\n{payload}"


def _payload(signed: SignedRequest, body_hash: str | None) -> str:
    if signed.service != "s3":
        return body_hash or EMPTY_SHA256
    if signed.payload:
        return signed.payload
    if signed.expires is not None:
        return UNSIGNED
    text = "Missing required header for this request: x-amz-content-sha256"
    raise RequestError(text, "InvalidRequest", 400)
