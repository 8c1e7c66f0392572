"""The body of a part on its way from a browser to S3."""

import hashlib

import pytest

from models_app.data.parts import BLOCK, PartBody

BOTOCORE = 16 * 1024  # what it asks for at a time


def body_of(*blocks: bytes) -> PartBody:
    """A body that comes in these blocks."""
    coming = iter(blocks)
    return PartBody(lambda limit: next(coming, b"")[:limit], sum(map(len, blocks)))


def test_a_part_is_passed_on_in_the_blocks_that_it_comes_in():
    blocks = [b"a" * BLOCK, b"b" * 100, b"c" * 70_000]
    body = body_of(*blocks)
    assert [body.read(BOTOCORE) for _ in range(4)] == [*blocks, b""]
    etag = hashlib.md5(b"".join(blocks), usedforsecurity=False).hexdigest()
    assert body.matches({"ETag": f'"{etag}"'}) and not body.matches({"ETag": f'"{etag[::-1]}"'})


def test_a_part_that_ends_early_says_that_the_connection_was_lost():
    body = body_of(b"a" * 10)
    body.remaining = 11
    body.read(BOTOCORE)
    with pytest.raises(ConnectionError, match="lost"):
        body.read(BOTOCORE)
