"""What S3 refuses of a request's headers, and a store takes in silence.

A header that the store does not know has no effect: it would store over an object that should have grown, delete what a
condition protects, or check nothing where a checksum came. Such a request is refused as a whole.
Sources: "Working with object metadata", "Categorizing your storage using tags" and "Canned ACL" in the user guide.
"""

import re
from urllib.parse import parse_qsl

from engine.auth.errors import RequestError
from engine.s3.call import Call
from engine.s3.metadata import PREFIX

# Of directory buckets, or newer than the store.
UNSUPPORTED = {
    "x-amz-write-offset-bytes", "x-amz-if-match-size", "x-amz-if-match-last-modified-time",
    "x-amz-object-lock-event-hold", "x-amz-object-lock-event-hold-duration-days",
    "x-amz-object-lock-event-hold-duration-years",
    *(f"x-amz-checksum-{name}" for name in ("sha512", "md5", "xxhash64", "xxhash3", "xxhash128")),
}  # fmt: skip
CANNED_ACLS = {
    "private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read",
    "bucket-owner-full-control", "log-delivery-write",
}  # fmt: skip
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
MAX_METADATA = 2048  # bytes of all names, without their prefix, and values
MAX_TAGS, MAX_TAG_KEY, MAX_TAG_VALUE = 10, 128, 256  # characters


def check(call: Call) -> None:
    """Raise RequestError for headers of `call` that S3 refuses, and for those that would have no effect."""
    if refused := sorted(UNSUPPORTED & call.headers.keys()):
        text = "A header you provided implies functionality that is not implemented"
        raise RequestError(text, "NotImplemented", 501, Header=refused[0])
    _check_metadata({n: v for n, v in call.headers.items() if n.startswith(PREFIX)})
    _check_tags(call.headers.get("x-amz-tagging", ""))
    for name, value in call.query.items():
        if name.startswith("response-") and CONTROL.search(value):
            text = "Header value cannot contain control characters"
            raise RequestError(text, "InvalidArgument", 400, ArgumentName=name, ArgumentValue=value)
    acl = call.fields.get("acl") or call.headers.get("x-amz-acl", "private")
    if acl not in CANNED_ACLS:
        raise RequestError(
            "There is no such canned ACL", "InvalidArgument", 400, ArgumentName="x-amz-acl", ArgumentValue=acl
        )


def _check_metadata(metadata: dict[str, str]) -> None:
    size = sum(len(name) - len(PREFIX) + len(value) for name, value in metadata.items())
    if size > MAX_METADATA:
        text = "Your metadata headers exceed the maximum allowed metadata size"
        raise RequestError(text, "MetadataTooLarge", 400, Size=str(size), MaxSizeAllowed=str(MAX_METADATA))


def _check_tags(tagging: str) -> None:
    """Check tags in the form of a query."""
    tags = parse_qsl(tagging, keep_blank_values=True)
    if len(tags) > MAX_TAGS:
        raise RequestError(f"Object tags cannot be greater than {MAX_TAGS}", "InvalidTag", 400)
    for key, value in tags:
        if not 1 <= len(key) <= MAX_TAG_KEY:
            raise RequestError("The TagKey you have provided is invalid", "InvalidTag", 400, TagKey=key)
        if len(value) > MAX_TAG_VALUE:
            raise RequestError("The TagValue you have provided is invalid", "InvalidTag", 400, TagValue=value)
