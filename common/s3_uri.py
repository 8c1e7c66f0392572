"""S3 addresses: s3://bucket/key, and the web addresses AWS accepts in their place. No Django."""

import re
from typing import NamedTuple
from urllib.parse import unquote

SCHEME = "s3://"
# A general-purpose bucket's name: docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_STRICT = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<key>.*))?", re.DOTALL)
# https://bucket.s3.region.amazonaws.com/key, https://s3.region.amazonaws.com/bucket/key and their older spellings.
_VIRTUAL_HOST = re.compile(r"https://(?P<bucket>[^/]+)\.s3[.-][^/]*amazonaws\.com(\.cn)?/(?P<key>.*)")
_PATH_STYLE = re.compile(r"https://s3[.-][^/]*amazonaws\.com(\.cn)?/(?P<bucket>[^/]+)/?(?P<key>.*)")


class S3Uri(NamedTuple):
    """The two parts of an S3 address; `key` is "" for a bucket, and may be a prefix."""

    bucket: str
    key: str

    @property
    def folder(self) -> str:
        """The key up to its last "/", that one included; "" at the top of the bucket."""
        return self.key[: self.key.rfind("/") + 1]

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.key}"


def is_s3_uri(text: str) -> bool:
    """Return whether `text` begins with s3://. What follows may still be no bucket's name."""
    return text.startswith(SCHEME)


def split_s3_uri(uri: str) -> S3Uri:
    """Split s3://bucket/key at the first "/". Never raises: what has no scheme counts as bucket/key."""
    bucket, _slash, key = uri.removeprefix(SCHEME).partition("/")
    return S3Uri(bucket, key)


def parse_s3_uri(uri: str) -> S3Uri:
    """Parse s3://bucket[/key], surrounding blanks ignored. Raises ValueError for a bucket's name that AWS forbids."""
    match = _STRICT.fullmatch(uri.strip())
    if match is None:
        raise ValueError(f"{uri!r} is not an S3 address. Write it as s3://bucket/key.")
    return S3Uri(match["bucket"], match["key"] or "")


def normalize_s3_uri(url: str) -> str:
    """Return s3://bucket/key for any spelling AWS accepts; web addresses are percent-encoded. Raises ValueError."""
    if is_s3_uri(url):
        return url
    if match := _VIRTUAL_HOST.fullmatch(url) or _PATH_STYLE.fullmatch(url):
        return str(S3Uri(match["bucket"], unquote(match["key"])))
    raise ValueError(f"{url} is not an S3 location. Write it as s3://bucket/key.")
