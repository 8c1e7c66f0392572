"""What S3 says of a new bucket's Region, its ownership and its name."""

from django.conf import settings

from engine.auth.errors import RequestError
from engine.http.request import Headers
from engine.s3 import xml
from engine.s3.access_answers import check_ownership
from engine.s3.call import Call
from engine.s3.uploads import SMALL_BODY, Upload

FIRST_REGION = "us-east-1"  # its S3 creates buckets in every Region, and answers 200 to an owner who does so again


def check(call: Call, upload: Upload | None) -> None:
    """Raise RequestError for a bucket in another Region than the request's, or one whose ACLs would decide.

    A body that has not arrived whole is refused, too: other new buckets would wait for it.
    """
    if ownership := call.headers.get("x-amz-object-ownership"):
        check_ownership(ownership)
    body = upload.content if upload else b""
    if not isinstance(body, bytes):
        text = f"The configuration of a bucket is at most {SMALL_BODY} bytes long, and is not sent in chunks."
        raise RequestError(text, "MalformedXML", 400)
    constraint = xml.parse(body, "CreateBucketConfiguration").findtext("LocationConstraint") if body else None
    allowed = {call.caller.region} | ({settings.REGION} if call.caller.region == FIRST_REGION else set())
    if constraint and constraint not in allowed:
        text = (
            f"The {constraint} location constraint is incompatible for the region specific endpoint this request was "
            "sent to."
        )
        raise RequestError(text, "IllegalLocationConstraintException", 400)


async def answer_existing(call: Call, head: Headers, body: bytes) -> None:
    """Answer a request for a bucket that is there: with the store's refusal, in the first Region its owner with 200."""
    if call.caller.region == FIRST_REGION and b"<Code>BucketAlreadyOwnedByYou</Code>" in body:
        headers = [(name, value) for name, value in head if name != b"content-type"]
        await call.request.answer(200, [*headers, (b"location", f"/{call.bucket}".encode())])
    else:
        await call.request.answer(409, head, body)
