"""Authentication: verifies AWS Signature Version 4 against the engine's access keys, for every service."""

from engine.auth import keys, signed_request, sigv4
from engine.auth.sigv4 import Caller

__all__ = ["Caller", "authenticate"]


def authenticate(method: str, path: str, query: str, headers: dict[str, str], body_hash: str | None = None) -> Caller:
    """Return the caller of a request. Raises AwsError with the service's texts. Reads the database.

    `path` and `query` are raw, as they came over the wire (the query without its "?"). `headers` has lower-case names,
    values as latin-1 text (what WSGI and ASGI give), repeated ones joined by ",". `body_hash` is the hex SHA-256 of
    the body; only S3 may leave it out, because it streams and sends its own hash to be checked on the way.
    """
    signed = signed_request.parse(method, path, query, headers)
    caller = sigv4.verify(signed, keys.find(signed.access_key_id, signed.service), body_hash)
    keys.record_use(caller.key)
    return caller
