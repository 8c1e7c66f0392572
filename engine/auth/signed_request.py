"""Reads what a request with AWS Signature Version 4 claims, in its Authorization header or its query. Checks no key."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from engine.auth.errors import ISO, ErrorTexts

ALGORITHM = "AWS4-HMAC-SHA256"
A_WEEK = 7 * 24 * 3600
MAX_SCOPE = 255  # characters of a credential with its scope: signing keys are remembered by them


class SignedRequest(NamedTuple):
    """What a request says of itself before anything is checked."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    texts: ErrorTexts
    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    signed_at: datetime
    expires: int | None  # seconds; None unless presigned
    payload: str | None  # what stands for the body in the canonical request, when the request says so itself

    @property
    def scope(self) -> str:
        """The credential scope, <date>/<Region>/<service>/aws4_request, as it is signed."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def parse(method: str, path: str, query: str, headers: dict[str, str]) -> SignedRequest:
    """The claim in the Authorization header or in a presigned query; AwsError if it is missing or makes no sense."""
    authorization = headers.get("authorization")
    if authorization is None and "X-Amz-Signature=" in query:
        return _parse_query(method, path, query, headers)
    if not authorization:
        raise ErrorTexts("", path, headers).missing()
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        raise ErrorTexts("", path, headers).unsupported()
    texts = None
    parts = {}
    for part in rest.split(","):
        name, _, value = part.strip().partition("=")
        parts[name] = value
    try:
        access_key_id, date, region, service = _scope(parts["Credential"])
        texts = ErrorTexts(service, path, headers)
        signed_names, signature = tuple(parts["SignedHeaders"].split(";")), parts["Signature"]
    except KeyError as e:
        texts = texts or ErrorTexts("", path, headers)
        raise texts.malformed(f"Authorization header requires '{e.args[0]}' parameter.") from None
    except ValueError as e:
        raise ErrorTexts("", path, headers).malformed(str(e)) from None
    try:
        timestamp, signed_at = _header_time(headers)
    except (ValueError, KeyError, OverflowError):
        text = "Authorization header requires existence of either a valid 'X-Amz-Date' or a 'Date' header."
        raise texts.malformed(text) from None
    signed = SignedRequest(
        method, path, query, headers, texts, access_key_id, date, region, service, signed_names, signature, timestamp,
        signed_at, None, headers.get("x-amz-content-sha256"),
    )  # fmt: skip
    return _check_consistent(signed)


def service_of(query: str, headers: dict[str, str]) -> str:
    """The service a request says it was signed for, unchecked; "" when it says none."""
    authorization = headers.get("authorization", "")
    if not authorization and "AWSAccessKeyId=" in query and "Signature=" in query:
        return "s3"  # Signature Version 2, which counts for addresses of S3 only
    if authorization:
        credential = authorization.partition("Credential=")[2].partition(",")[0]
    else:
        credential = unquote(query.partition("X-Amz-Credential=")[2].partition("&")[0])
    parts = credential.rsplit("/", 2)
    return parts[1] if len(parts) == 3 else ""


def _parse_query(method: str, path: str, query: str, headers: dict[str, str]) -> SignedRequest:
    texts = ErrorTexts("s3", path, headers)
    parameters = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name.startswith("X-Amz-"):
            parameters[name] = unquote(value)
    try:
        if parameters["X-Amz-Algorithm"] != ALGORITHM:
            raise texts.unsupported()
        access_key_id, date, region, service = _scope(parameters["X-Amz-Credential"])
        texts = ErrorTexts(service, path, headers)
        timestamp = parameters["X-Amz-Date"]
        signed_at = parse_time(timestamp)
        expires = int(parameters["X-Amz-Expires"])
        signed_names, signature = tuple(parameters["X-Amz-SignedHeaders"].split(";")), parameters["X-Amz-Signature"]
    except KeyError as e:
        raise texts.malformed(f"Query-string authentication requires the parameter {e.args[0]}.", True) from None
    except ValueError as e:
        raise texts.malformed(str(e), True) from None
    if not 0 <= expires <= A_WEEK:
        text = f"X-Amz-Expires must be between 0 and a week (in seconds), that is {A_WEEK}; it is {expires}."
        raise texts.malformed(text, True)
    payload = parameters.get("X-Amz-Content-Sha256") or headers.get("x-amz-content-sha256")
    signed = SignedRequest(
        method, path, query, headers, texts, access_key_id, date, region, service, signed_names, signature, timestamp,
        signed_at, expires, payload,
    )  # fmt: skip
    return _check_consistent(signed)


def _check_consistent(signed: SignedRequest) -> SignedRequest:
    """`claim` again, unless its parts contradict each other or leave out what must be signed."""
    if signed.date != signed.timestamp[:8]:
        text = f"Date in Credential scope does not match YYYYMMDD from the date of the request: {signed.date!r}"
        raise signed.texts.malformed(f"{text} != {signed.timestamp[:8]!r}.", signed.expires is not None)
    if "host" not in signed.signed_headers:
        raise signed.texts.malformed("'Host' must be a 'SignedHeader' in the request.", signed.expires is not None)
    if signed.service == "s3":
        unsigned = [n for n in signed.headers if n.startswith("x-amz-") and n not in signed.signed_headers]
        if unsigned:
            raise signed.texts.unsigned_headers(unsigned)
    return signed


def _scope(credential: str) -> tuple[str, str, str, str]:
    parts = credential.rsplit("/", 4)
    is_scope = len(parts) == 5 and parts[4] == "aws4_request" and all(parts)
    if not is_scope or "\0" in credential or len(credential) > MAX_SCOPE:
        raise ValueError('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
    return parts[0], parts[1], parts[2], parts[3]


def _header_time(headers: dict[str, str]) -> tuple[str, datetime]:
    if stamp := headers.get("x-amz-date"):
        return stamp, parse_time(stamp)
    when = parsedate_to_datetime(headers["date"]).astimezone(UTC)
    return when.strftime(ISO), when


@lru_cache(maxsize=256)
def parse_time(stamp: str) -> datetime:
    """The time of an X-Amz-Date. Raises ValueError."""
    try:
        return datetime.strptime(stamp, ISO).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\": {stamp!r}") from None
