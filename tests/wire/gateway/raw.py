"""Requests sent byte for byte over a plain connection, for what boto3 never does."""

import http.client
from contextlib import closing
from datetime import UTC, datetime, timedelta
from unittest import mock
from urllib.parse import urlsplit

from tests.unit.engine.auth.signing import signed


class Answer:
    def __init__(self, response):
        self.status, self.body = response.status, response.read()
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.text = self.body.decode("utf-8", "replace")


def send(world, method, path, headers=None, body=b"", chunks=None) -> Answer:
    """Send exactly this; `chunks` is an iterable sent with Transfer-Encoding: chunked."""
    where = urlsplit(world.url)
    with closing(http.client.HTTPConnection(where.hostname, where.port, timeout=60)) as connection:
        if chunks is None:
            connection.request(method, path, body=body, headers=headers or {})
        else:
            connection.request(method, path, body=chunks, headers=headers or {}, encode_chunked=True)
        return Answer(connection.getresponse())


def sign(world, method, path, body=b"", headers=None, service="s3", role="editor", secret="", ago=timedelta()):
    """The headers of a request signed by botocore; `path` may have a query."""
    key, own = world.keys[role]
    with mock.patch("botocore.auth.get_current_datetime", lambda: datetime.now(UTC) - ago):
        *_, result = signed(
            secret or own, service, method, path, body, headers, "eu-west-3", key, host=urlsplit(world.url).netloc
        )
    return result
