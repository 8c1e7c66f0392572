"""CORS headers for the console's own pages; a bucket's own CORS rules serve every other page."""

from urllib.parse import urlsplit

from django.conf import settings

from engine.http.request import Headers, Request

METHODS = b"GET, HEAD, PUT, POST, DELETE"
EXPOSED = (
    b"ETag, Content-Length, Content-Range, Content-Type, Content-Disposition, Last-Modified, Accept-Ranges, "
    b"x-amz-request-id, x-amz-version-id, x-amz-delete-marker, x-amz-checksum-crc32, x-amz-checksum-sha256"
)


def is_console_origin(origin: str) -> bool:
    """Return whether `origin` is the console's. On this machine localhost and 127.0.0.1 are the same."""
    console, local = urlsplit(settings.WEB_URL), {"127.0.0.1", "localhost"}
    try:
        requested = urlsplit(origin)
        same_host = requested.hostname == console.hostname or {requested.hostname, console.hostname} <= local
        return requested.scheme == console.scheme and requested.port == console.port and same_host
    except ValueError:  # no address at all
        return False


def console_headers(origin: str) -> Headers:
    """Return the CORS headers of a response to a page of `origin`, which is the console's."""
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", EXPOSED),
        (b"vary", b"Origin"),
    ]


def preflight_headers(request: Request) -> Headers:
    """Return the headers of the response to the console's preflight."""
    requested = request.headers.get("access-control-request-headers", "*")
    return [
        *console_headers(request.headers["origin"]),
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", requested.encode("latin-1")),
        (b"access-control-max-age", b"3600"),
    ]
