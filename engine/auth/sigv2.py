"""AWS Signature Version 2 as presigned addresses of objects and forms of browsers have it.

boto3 still signs `generate_presigned_url` and `generate_presigned_post` so for an address that is not AWS's. It covers
neither host nor Region nor the whole query, so it counts for nothing else, and only names that it does cover may be in
the query. Source: "Signing and authenticating REST requests" in Amazon S3's developer guide.
"""

import base64
import hmac
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from django.conf import settings

from engine.auth.errors import ISO, ErrorTexts, RequestError
from engine.auth.keys import CachedKey
from engine.auth.signed_request import A_WEEK, SignedRequest
from engine.auth.sigv4 import UNRESERVED, UNSIGNED, Caller, encode

KEY_ID, SIGNATURE, EXPIRES = "AWSAccessKeyId", "Signature", "Expires"
OWN_QUERY = {KEY_ID, SIGNATURE, EXPIRES}
MOVED_HEADERS = ("content-type", "content-md5")  # to the query, with all x-amz-...; botocore does so
METHODS = ("GET", "HEAD", "PUT")
SIGNED_NAMES = {
    "partNumber", "uploadId", "versionId", "response-cache-control", "response-content-disposition",
    "response-content-encoding", "response-content-language", "response-content-type", "response-expires",
}  # fmt: skip
OFF = 'Signature Version 2 is switched off here. Sign with Version 4: Config(signature_version="s3v4") in boto3.'


def is_presigned(query: str) -> bool:
    """Return whether a raw query says that it is signed so."""
    return f"{KEY_ID}=" in query and f"{SIGNATURE}=" in query


def is_moved(name: str) -> bool:
    """Return whether the query's `name` is a header."""
    return name.startswith("x-amz-") or name in MOVED_HEADERS


def check_enabled() -> None:
    """Raise RequestError (400) when the deployment does not want Version 2."""
    if not settings.SIGV2:
        raise RequestError(OFF, "InvalidRequest", 400)


def check(method: str, names_object: bool, query: Mapping[str, str]) -> None:
    """Raise RequestError for a presigned address that cannot be accepted whoever signed it; `query` is decoded."""
    check_enabled()
    if method not in METHODS or not names_object:
        text = f"Signature Version 2 is accepted for {', '.join(METHODS)} of an object only. {OFF.partition('. ')[2]}"
        raise RequestError(text, "InvalidRequest", 400)
    unsigned = [name for name in query if name not in OWN_QUERY | SIGNED_NAMES and not is_moved(name)]
    if unsigned:
        raise RequestError(f"The query has names that the signature does not cover: {', '.join(sorted(unsigned))}.")
    expires, now = query.get(EXPIRES, ""), time.time()
    if not (expires.isascii() and expires.isdecimal() and len(expires) < 12):
        raise RequestError("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
    if int(expires) > now + A_WEEK + 1:
        raise RequestError(f"Expires must be less than a week ({A_WEEK} seconds) in the future.")
    if int(expires) < now:
        raise RequestError("Request has expired", Expires=_iso(int(expires)), ServerTime=_iso(now))


def verify(
    method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], cached: CachedKey | None
) -> Caller:
    """Return the caller whose secret made the signature in `query`. Raises RequestError.

    `path` is raw, with the bucket in front; `headers` has those that the query carries in the place of the request's.
    """
    access_key_id, signature = query[KEY_ID], query[SIGNATURE]
    texts = ErrorTexts("s3", path, dict(headers))
    if cached is None:
        raise texts.unknown_key(access_key_id)
    for each in dict.fromkeys((path, encode(path, "/" + UNRESERVED))):
        text = string_to_sign(method, each, query, headers)
        if hmac.compare_digest(sign(cached.secret, text.encode("latin-1")).encode(), signature.encode()):
            return caller(cached, query[SIGNATURE], headers)
    raise texts.mismatch(access_key_id, text, signature, text)


def string_to_sign(method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """Return what the signature covers."""
    lines = [method, *(headers.get(name, "").strip() for name in reversed(MOVED_HEADERS)), query[EXPIRES]]
    lines += [f"{name}:{headers[name].strip()}" for name in sorted(headers) if name.startswith("x-amz-")]
    signed = sorted((name, value) for name, value in query.items() if name in SIGNED_NAMES)
    resource = "&".join(f"{name}={value}" if value else name for name, value in signed)
    return "\n".join([*lines, f"{path}?{resource}" if resource else path])


def sign(secret: str, text: bytes) -> str:
    """Return the signature of `text`."""
    return base64.b64encode(hmac.digest(secret.encode(), text, "sha1")).decode()


def caller(cached: CachedKey, signature: str, headers: Mapping[str, str]) -> Caller:
    """Return the caller with `cached`'s key. Version 2 names no Region; the engine's is taken."""
    now, payload = datetime.now(UTC), headers.get("x-amz-content-sha256", UNSIGNED)
    signed = SignedRequest(
        "", "", "", dict(headers), ErrorTexts("s3", "", {}), cached.key.access_key_id, f"{now:%Y%m%d}", settings.REGION,
        "s3", (), signature, now.strftime(ISO), now, A_WEEK, payload,
    )  # fmt: skip
    return Caller(cached.key, settings.REGION, "s3", cached.role, signed)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def decoded(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return decoded pairs of a query by name. Raises RequestError when one name is there twice."""
    pairs = list(pairs)
    if len(pairs) != len(dict(pairs)):
        raise RequestError("A name is in the query twice.", "InvalidArgument", 400)
    return dict(pairs)
