"""Who is calling: verifies AWS Signature Version 4 against our access keys, for every service."""

from engine.auth import keys, sigv4
from engine.auth.sigv4 import Caller

__all__ = ["Caller", "authenticate"]


def authenticate(method: str, path: str, query: str, headers: dict[str, str], body_hash: str | None = None) -> Caller:
    """The caller of a request, or AwsError in its service's words. Reads the database, so never on an event loop.

    `path` and `query` are raw, as they came over the wire (the query without its "?"). `headers` has lower-case names,
    values as latin-1 text (what WSGI and ASGI give), repeated ones joined by ",". `body_hash` is the hex SHA-256 of
    the body; only S3 may leave it out, because it streams and sends its own hash to be checked on the way.
    """
    claim = sigv4.read(method, path, query, headers)
    caller = sigv4.verify(claim, keys.find(claim.access_key_id), body_hash)
    keys.note_use(caller.key)
    return caller
