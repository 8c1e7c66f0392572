"""User metadata that the embedded store cannot keep: it drops a name without a value, and no byte but UTF-8 reaches it.

Such a value is kept in base64 with a mark before it, and comes back as it was sent.
"""

import base64

from engine.http.request import Headers

PREFIX = "x-amz-meta-"
MARK = "=?sagewright?"


def encode(headers: dict[str, str]) -> dict[str, str]:
    """Return `headers`, latin-1 text, with metadata as the store can keep it."""
    return {name: _encoded(value) if name.startswith(PREFIX) else value for name, value in headers.items()}


def decode(head: Headers) -> Headers:
    """Return the store's headers with metadata as it was sent."""
    return [(name, _decoded(value) if name.startswith(PREFIX.encode()) else value) for name, value in head]


def _encoded(value: str) -> str:
    data = value.encode("latin-1")
    if value and not value.startswith(MARK) and _is_utf8(data):
        return value
    return MARK + base64.b64encode(data).decode()


def _decoded(value: bytes) -> bytes:
    mark = MARK.encode()
    return base64.b64decode(value.removeprefix(mark)) if value.startswith(mark) else value


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
