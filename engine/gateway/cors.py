"""Which web pages may talk to the object store from a browser: our own console, and whoever a bucket's CORS allows."""

from urllib.parse import urlsplit

from django.conf import settings

from engine.http.request import Headers, Request

METHODS = b"GET, HEAD, PUT, POST, DELETE"
EXPOSED = (
    b"ETag, Content-Length, Content-Range, Content-Type, Content-Disposition, Last-Modified, Accept-Ranges, "
    b"x-amz-request-id, x-amz-version-id, x-amz-delete-marker, x-amz-checksum-crc32, x-amz-checksum-sha256"
)


def is_console(origin: str) -> bool:
    """Is this the console's own origin? On this machine localhost is as good a name for it as 127.0.0.1."""
    here, local = urlsplit(settings.WEB_URL), {"127.0.0.1", "localhost"}
    try:
        asked = urlsplit(origin)
        same_host = asked.hostname == here.hostname or {asked.hostname, here.hostname} <= local
        return asked.scheme == here.scheme and asked.port == here.port and same_host
    except ValueError:  # no address at all
        return False


def headers_for(request: Request) -> Headers:
    """What every answer to the console's pages carries; nothing for anyone else."""
    origin = request.headers.get("origin", "")
    if not origin or not is_console(origin):
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", EXPOSED),
        (b"vary", b"Origin"),
    ]


def preflight_headers(request: Request) -> Headers:
    """The answer to the console's preflight."""
    asked = request.headers.get("access-control-request-headers", "*")
    return [
        *headers_for(request),
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", asked.encode("latin-1")),
        (b"access-control-max-age", b"3600"),
    ]
